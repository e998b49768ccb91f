using System.Runtime.Versioning;
using Mdfld.Cli;
using Mdfld.Tests.Torch;

namespace Mdfld.Tests.Models;

public sealed class ExportCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Cache => _folder["cache", "onnx"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ACheckpointIsExportedOnceWhateverItsName()
    {
        var model = ExportCache.Get(TestFiles.Golden("star_tiny.pkl"), Cache);
        using (var detector = LandmarkDetector.Load(model))
        {
            Assert.Equal((68, 256), (detector.Model.Scheme.Count, detector.Model.Size));
            Assert.Equal((true, 1f), (detector.Model.IsBgr, detector.Model.CropFactor));
        }
        File.SetLastWriteTimeUtc(model, new DateTime(2020, 1, 1));
        File.Copy(TestFiles.Golden("star_tiny.pkl"), _folder["other.pkl"]);
        Assert.Equal(model, ExportCache.Get(_folder["other.pkl"], Cache));
        Assert.Equal(new DateTime(2020, 1, 1), File.GetLastWriteTimeUtc(model));
        Assert.Equal([model], Directory.GetFiles(Cache));
    }

    /// <summary>A cache that others could write into is not believed.</summary>
    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void FolderAndModelsAreTheUsersAlone()
    {
        const UnixFileMode All = (UnixFileMode)0b111_111_111;
        var model = ExportCache.Get(TestFiles.Golden("star_tiny.pkl"), Cache);
        var content = File.ReadAllBytes(model);
        AssertPrivate();

        File.WriteAllText(model, "planted");
        File.SetUnixFileMode(Cache, All);
        Assert.Equal(model, ExportCache.Get(TestFiles.Golden("star_tiny.pkl"), Cache));
        AssertPrivate();

        File.WriteAllText(model, "planted");
        File.SetUnixFileMode(model, All);
        Assert.Equal(model, ExportCache.Get(TestFiles.Golden("star_tiny.pkl"), Cache));
        AssertPrivate();

        File.WriteAllText(_folder["planted"], "planted");
        File.Delete(model);
        File.CreateSymbolicLink(model, _folder["planted"]);
        Assert.Equal(model, ExportCache.Get(TestFiles.Golden("star_tiny.pkl"), Cache));
        Assert.Equal("planted", File.ReadAllText(_folder["planted"]));
        AssertPrivate();

        void AssertPrivate()
        {
            const UnixFileMode User = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Assert.Equal(User | UnixFileMode.UserExecute, File.GetUnixFileMode(Cache));
            Assert.Equal(User, File.GetUnixFileMode(model));
            Assert.Equal(content, File.ReadAllBytes(model));
        }
    }

    [Fact]
    public void ManyAtOnceGetOneWholeModel()
    {
        var models = new string[4];
        Parallel.For(0, models.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            models[i] = ExportCache.Get(TestFiles.Golden("star_tiny.pkl"), Cache);
            LandmarkDetector.Load(models[i]).Dispose();
        });
        Assert.Equal([models[0]], models.Distinct());
        Assert.Equal([models[0]], Directory.GetFiles(Cache));
    }

    [Fact]
    public void WhatIsNoCheckpointLeavesNothing()
    {
        File.WriteAllText(_folder["fake.pkl"], "no checkpoint");
        var error = Assert.Throws<InvalidDataException>(() => ExportCache.Get(_folder["fake.pkl"], Cache));
        Assert.Contains("fake.pkl", error.Message);
        Assert.Empty(Directory.GetFiles(Cache));
    }

    [Fact]
    public void TorchScriptIsNotExported()
    {
        File.WriteAllBytes(_folder["face.pt"], ScriptFiles.Face([0, 0]));
        var error = Assert.Throws<InvalidDataException>(() => ExportCache.Get(_folder["face.pt"], Cache));
        Assert.Contains("TorchScript is code", error.Message);
    }

    [Fact]
    public void WhatKilledProcessesAndOlderBuildsLeftIsSwept()
    {
        var first = ExportCache.Get(TestFiles.Golden("star_tiny.pkl"), Cache);
        var older = first.Replace(first[^13..^5], "00000000");
        File.Move(first, older);
        var killed = Path.Combine(Cache, "killed.tmp");
        var working = Path.Combine(Cache, "working.tmp.partial");
        var stranger = Path.Combine(Cache, "stranger.onnx");
        foreach (var file in (string[])[killed, working, stranger])
            File.WriteAllText(file, "");
        foreach (var file in (string[])[older, killed, stranger])
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddDays(-2));
        Assert.Equal(first, ExportCache.Get(TestFiles.Golden("star_tiny.pkl"), Cache));
        Assert.Equal(
            new[] { first, working, stranger }.Order(StringComparer.Ordinal),
            Directory.GetFiles(Cache).Order(StringComparer.Ordinal));
    }
}

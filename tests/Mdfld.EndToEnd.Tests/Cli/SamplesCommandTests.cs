namespace Mdfld.Tests.Cli;

public sealed class SamplesCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task DrawsAFaceFolder()
    {
        var run = await CliRun.Of("samples", "--out", _folder.Path, "--size", "64", "--count", "2");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var faces = FaceFolder.Open(_folder.Path);
        Assert.Equal(14, faces.Faces.Count);
        Assert.Equal(7, faces.Faces.Select(f => f.Style).Distinct().Count());
        Assert.All(faces.Faces, f => Assert.Equal(64, Picture.Load(faces.ImagePath(f)).Height));
    }

    [Fact]
    public async Task LabelledFacesAreNotReplaced()
    {
        File.WriteAllText(_folder["annotations.tsv"], "mine");
        var run = await CliRun.Of("samples", "--out", _folder.Path, "--size", "64");
        run.AssertBadCall("holds labelled faces already");
        Assert.Equal("mine", File.ReadAllText(_folder["annotations.tsv"]));
        (await CliRun.Of("samples", "--out", _folder["annotations.tsv"])).AssertBadCall("expected a folder");
    }

    [Fact]
    public async Task AnAbsurdSizeIsABadCall()
    {
        var run = await CliRun.Of("samples", "--out", _folder.Path, "--size", "1000000");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--size '1000000': expected a whole number from 32 to 4096", run.Error);
    }

    [Fact]
    public async Task HelpListsEveryCommand()
    {
        var run = await CliRun.Of();
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        foreach (var name in (string[])["detect", "evaluate", "model", "train", "export", "label", "samples"])
            Assert.Contains($"\n  {name}", run.Output);
    }
}

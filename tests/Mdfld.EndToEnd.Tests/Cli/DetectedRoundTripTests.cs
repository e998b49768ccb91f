using System.Numerics;

namespace Mdfld.Tests.Cli;

/// <summary>
/// What the product finds goes into every format that holds it and comes back, wherever the user stands: a folder's
/// path is as short or long as the way to it.
/// </summary>
[Collection(nameof(Alone))]
public sealed class DetectedRoundTripTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _before = Directory.GetCurrentDirectory();

    public DetectedRoundTripTests()
    {
        Directory.CreateDirectory(_folder["start", "samples", "images"]);
        foreach (var file in Directory.GetFiles(Path.Combine(TestFiles.RepositoryRoot, "samples", "images")))
            File.Copy(file, _folder["start", "samples", "images", Path.GetFileName(file)]);
        Directory.CreateDirectory(_folder["elsewhere", "deep"]);
    }

    public void Dispose()
    {
        Directory.SetCurrentDirectory(_before);
        _folder.Dispose();
    }

    [Theory]
    [InlineData("start", "samples/images")]
    [InlineData("start/samples/images", ".")]
    [InlineData("elsewhere/deep", "../../start/samples/images")]
    public async Task DetectedPointsComeBackFromEveryFormat(string from, string pictures)
    {
        Directory.SetCurrentDirectory(_folder[from]);
        var made = Path.GetRelativePath(".", _folder["made"]);
        var found = Path.Combine(made, "found");
        var run = await CliRun.Of("detect", pictures, "--format", "json", "--out", found, "--threshold", "0", "-q");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var expected = FaceSet.Read(found, pictures: pictures).Faces;
        Assert.InRange(expected.Count, 6, 20);
        // 98 points cannot be made of 68.
        foreach (var format in AnnotationFormat.All.Where(f => f.IsWritten && f.IsRead && f.Name != "wflw"))
        {
            var (there, back) = (Path.Combine(made, format.Name), Path.Combine(made, format.Name + "-back"));
            await Convert(found, there, "--images", pictures, "--to", format.Name, "--copy");
            await Convert(there, back, "--to", "json", "--copy");
            var faces = FaceSet.Read(back).Faces;
            Assert.Equal(expected.Count, faces.Count);
            foreach (var face in expected)
            {
                Assert.True(
                    faces.Any(f => f.ImagePath == face.ImagePath && Apart(f, face) < 0.01f),
                    $"{format.Name}: {face.ImagePath} came back another");
            }
        }

        static float Apart(LabelledFace one, LabelledFace other) =>
            one.Landmarks.Zip(other.Landmarks).Max(p => Vector2.Distance(p.First, p.Second));
    }

    private static async Task Convert(string source, string target, params string[] options)
    {
        var run = await CliRun.Of(["dataset", "convert", source, target, "--quiet", .. options]);
        Assert.Equal((0, "", ""), (run.ExitCode, run.Output, run.Error));
    }
}

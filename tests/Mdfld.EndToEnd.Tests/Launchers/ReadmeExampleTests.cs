using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Mdfld.Tests.Launchers;

/// <summary>The README's C# is compiled and run here, line by line.</summary>
public sealed class ReadmeExampleTests
{
    [Fact]
    public void TheExampleFindsANose()
    {
        var console = new StringWriter();

        using var detector = LandmarkDetector.Create();
        var faces = detector.Detect(Picture.Load(At("samples/images/comic.png")));
        foreach (var face in faces)
            console.WriteLine($"nose tip at {face.Points[30]}, confidence {face.Confidence:0.00}");

        Assert.StartsWith("nose tip at <", console.ToString());
        var truth = FaceFolder.Open(At("samples")).Faces.Single(f => f.ImagePath == "comic.png").Landmarks;
        Assert.InRange(Metrics.Nme(Assert.Single(faces).Points.AsSpan(), [.. truth], LandmarkScheme.Ibug68), 0, 0.1);
    }

    [Fact]
    public void TheReadmeSaysJustThat()
    {
        var readme = File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "README.md"));
        var start = readme.IndexOf("```csharp\n", StringComparison.Ordinal) + "```csharp\n".Length;
        var example = readme[start..readme.IndexOf("```", start, StringComparison.Ordinal)];
        var here = Regex.Replace(Source(), """At\(("[^"]*")\)""", "$1").Replace("console.", "Console.");
        foreach (var line in example.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l != "using Mdfld;"))
            Assert.Contains(line, here);
    }

    private static string At(string path) => Path.Combine(TestFiles.RepositoryRoot, path);

    private static string Source([CallerFilePath] string path = "") => File.ReadAllText(path);
}

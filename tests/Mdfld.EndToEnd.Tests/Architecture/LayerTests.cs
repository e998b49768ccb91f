using Xunit.Abstractions;

namespace Mdfld.Tests.Architecture;

/// <summary>Which project may see which, and how much of the library is public.</summary>
public sealed class LayerTests(ITestOutputHelper output)
{
    /// <summary>
    /// As many as there are today; it is only ever lowered. 19 for pictures, and five for videos: HeadPose, FaceExpression,
    /// LandmarkTracker, TrackedFace, TrackWriter.
    /// </summary>
    private const int MostPublicTypes = 24;

    /// <summary>What each project may refer to, besides what those refer to: imports run one way.</summary>
    private static readonly Dictionary<string, string[]> Below = new()
    {
        ["Mdfld"] = [],
        ["Mdfld.Bundle"] = ["Mdfld"],
        ["Mdfld.Data"] = ["Mdfld"],
        ["Mdfld.Training"] = ["Mdfld.Data"],
        ["Mdfld.Generation"] = ["Mdfld.Training"],
        ["Mdfld.Studio"] = ["Mdfld.Training"],
        ["Mdfld.Cli"] = ["Mdfld.Generation", "Mdfld.Studio", "Mdfld.Bundle"],
    };

    public static TheoryData<string> Projects => [.. ProjectFiles.All];

    [Theory]
    [MemberData(nameof(Projects))]
    public void ReferencesRunOneWay(string project)
    {
        Assert.True(Below.ContainsKey(project), $"{project} is new: say in LayerTests what it may refer to");
        Assert.Empty(ProjectFiles.References(project).Except(Allowed(project)));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void OnlyTestsSeeInternals(string project) =>
        Assert.All(ProjectFiles.Friends(project), friend => Assert.EndsWith(".Tests", friend));

    [Fact]
    public void TheLibraryIsSmall()
    {
        var types = typeof(LandmarkScheme).Assembly.GetExportedTypes().Select(t => t.FullName!).Order().ToArray();
        output.WriteLine($"{types.Length} public types in Mdfld: {string.Join(", ", types)}");
        Assert.InRange(types.Length, 1, MostPublicTypes);
    }

    private static HashSet<string> Allowed(string project) =>
        [.. Below[project].SelectMany(p => Allowed(p).Append(p))];
}

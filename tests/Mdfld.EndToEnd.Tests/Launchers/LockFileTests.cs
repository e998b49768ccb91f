using System.Text.Json.Nodes;

namespace Mdfld.Tests.Launchers;

/// <summary>A build, a publish for this machine and one for another all find themselves in the lock files.</summary>
public sealed class LockFileTests
{
    private static readonly string[] Platforms =
    [
        "net10.0", "net10.0/linux-arm64", "net10.0/linux-x64", "net10.0/osx-arm64", "net10.0/win-arm64",
        "net10.0/win-x64",
    ];

    [Fact]
    public void EveryProjectIsLockedForEveryPlatform()
    {
        var projects = ((string[])["src", "tests", "bench"])
            .SelectMany(folder => Directory.GetDirectories(Path.Combine(TestFiles.RepositoryRoot, folder)))
            .Where(folder => Directory.EnumerateFiles(folder, "*.csproj").Any()).ToArray();

        Assert.NotEmpty(projects);
        Assert.All(projects, project =>
        {
            var locked = JsonNode.Parse(File.ReadAllText(Path.Combine(project, "packages.lock.json")))!;
            var platforms = locked["dependencies"]!.AsObject().Select(p => p.Key);
            Assert.Equal(Platforms, platforms.Order(StringComparer.Ordinal));
        });
    }
}

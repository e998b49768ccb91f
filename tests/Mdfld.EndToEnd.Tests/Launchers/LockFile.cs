using System.Text.Json.Nodes;

namespace Mdfld.Tests.Launchers;

/// <summary>Reads a project's packages.lock.json.</summary>
internal static class LockFile
{
    /// <summary>Name and version of each package of a project under src/, without our own projects.</summary>
    public static IReadOnlyList<(string Name, string Version)> Packages(string project)
    {
        var file = Path.Combine(TestFiles.RepositoryRoot, "src", project, "packages.lock.json");
        var platforms = JsonNode.Parse(File.ReadAllText(file))!["dependencies"]!.AsObject();
        return
        [
            .. platforms.SelectMany(p => p.Value!.AsObject())
                .Where(p => p.Value!["type"]!.GetValue<string>() != "Project")
                .Select(p => (p.Key, p.Value!["resolved"]!.GetValue<string>()))
                .Distinct(),
        ];
    }
}

using System.Xml.Linq;

namespace Mdfld.Tests.Architecture;

/// <summary>What the project files below src/ say.</summary>
internal static class ProjectFiles
{
    private static readonly string Source = Path.Combine(TestFiles.RepositoryRoot, "src");

    /// <summary>The projects, by name.</summary>
    public static IEnumerable<string> All => Directory.EnumerateDirectories(Source).Select(f => Path.GetFileName(f)!)
        .Where(p => File.Exists(Path.Combine(Source, p, $"{p}.csproj"))).Order(StringComparer.Ordinal);

    public static string Folder(string project) => Path.Combine(Source, project);

    /// <summary>The projects it refers to itself.</summary>
    public static string[] References(string project) =>
        [.. Items(project, "ProjectReference").Select(p => Path.GetFileNameWithoutExtension(p.Replace('\\', '/')))];

    /// <summary>The projects it refers to, directly or not.</summary>
    public static HashSet<string> AllReferences(string project) =>
        [.. References(project).SelectMany(r => AllReferences(r).Append(r))];

    /// <summary>The assemblies that see its internals.</summary>
    public static string[] Friends(string project) => [.. Items(project, "InternalsVisibleTo")];

    /// <summary>Namespaces that all its sources use: .NET's implicit ones and its own.</summary>
    public static IEnumerable<string> GlobalUsings(string project) =>
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading",
        "System.Threading.Tasks", .. Items(project, "Using"),
    ];

    private static IEnumerable<string> Items(string project, string kind) =>
        XDocument.Load(Path.Combine(Folder(project), $"{project}.csproj")).Descendants(kind)
            .Select(item => item.Attribute("Include")?.Value).OfType<string>();
}

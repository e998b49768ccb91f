using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mdfld.Tests.Architecture;

/// <summary>That a file of one folder uses a type of another.</summary>
/// <param name="From">The folder that depends; "." for files beside the project file.</param>
/// <param name="To">The folder it depends on.</param>
/// <param name="File">A file that does, relative to the project.</param>
/// <param name="Type">The type it uses.</param>
internal sealed record FolderDependency(string From, string To, string File, string Type);

/// <summary>Which first-level folders of a project depend on which others, as the compiler binds its sources.</summary>
internal static class ProjectFolders
{
    /// <summary>Files beside the project file.</summary>
    public const string Root = ".";

    // The framework and the packages, as they lie beside the tests, read once: the compiler shares them.
    private static readonly (string Name, MetadataReference Reference)[] Libraries =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => (Path.GetFileNameWithoutExtension(path), MetadataReference.CreateFromFile(path))),
    ];

    /// <summary>One dependency for every ordered pair of folders that has any.</summary>
    /// <param name="project">The name of a project below src/.</param>
    public static IReadOnlyList<FolderDependency> Of(string project)
    {
        var folder = ProjectFiles.Folder(project);
        var files = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(f => (Path: Path.GetRelativePath(folder, f).Replace('\\', '/'), Full: f))
            .Where(f => FolderOf(f.Path) is not ("obj" or "bin"))
            .OrderBy(f => f.Path, StringComparer.Ordinal)
            .Select(f => (f.Path, Text: File.ReadAllText(f.Full)));
        return Of(files, ProjectFiles.GlobalUsings(project), ProjectFiles.AllReferences(project));
    }

    /// <summary>As above, for sources by their path relative to the project.</summary>
    /// <param name="files">Path and text of each source.</param>
    /// <param name="usings">Namespaces that all of them use.</param>
    /// <param name="projects">Other projects that they may use.</param>
    public static IReadOnlyList<FolderDependency> Of(
        IEnumerable<(string Path, string Text)> files, IEnumerable<string> usings, IReadOnlyCollection<string> projects)
    {
        var options = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview);
        var trees = files.Select(f => CSharpSyntaxTree.ParseText(f.Text, options, f.Path)).ToArray();
        var global = CSharpSyntaxTree.ParseText(string.Concat(usings.Select(u => $"global using {u};")), options);
        // Of this repository only what the project may see.
        var libraries = Libraries.Where(
            l => l.Name.Split('.')[0] is not ("Mdfld" or "mdfld") || projects.Contains(l.Name));
        var compilation = CSharpCompilation.Create(
            "sources",
            [.. trees, global],
            libraries.Select(l => l.Reference),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        return
        [
            .. from tree in trees
               from used in Types(tree, compilation.GetSemanticModel(tree))
               from declared in used.DeclaringSyntaxReferences
               where declared.SyntaxTree.FilePath.Length > 0
               let dependency = new FolderDependency(
                   FolderOf(tree.FilePath), FolderOf(declared.SyntaxTree.FilePath), tree.FilePath, used.Name)
               where dependency.From != dependency.To
               group dependency by (dependency.From, dependency.To) into pair
               orderby pair.Key
               select pair.First(),
        ];
    }

    /// <summary>The dependencies that are part of a ring: the folder depended on leads back, directly or not.</summary>
    public static IEnumerable<FolderDependency> Cycles(IReadOnlyList<FolderDependency> dependencies)
    {
        var next = dependencies.ToLookup(d => d.From, d => d.To);
        return dependencies.Where(d => Reachable(d.To).Contains(d.From));

        HashSet<string> Reachable(string from)
        {
            var (seen, open) = (new HashSet<string> { from }, new Stack<string>([from]));
            while (open.TryPop(out var folder))
            {
                foreach (var other in next[folder].Where(seen.Add))
                    open.Push(other);
            }
            return seen;
        }
    }

    private static string FolderOf(string path) => path.IndexOf('/') is > 0 and var end ? path[..end] : Root;

    /// <summary>The types a file names, and those whose members it uses. Comments do not count.</summary>
    private static IEnumerable<INamedTypeSymbol> Types(SyntaxTree tree, SemanticModel model) =>
        tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>()
            .Select(name => model.GetSymbolInfo(name).Symbol)
            .Select(symbol => symbol switch
            {
                INamedTypeSymbol type => type,
                IMethodSymbol or IPropertySymbol or IFieldSymbol or IEventSymbol => symbol.ContainingType,
                _ => null,
            })
            .OfType<INamedTypeSymbol>()
            .Select(type => type.OriginalDefinition)
            .Distinct<INamedTypeSymbol>(SymbolEqualityComparer.Default);
}

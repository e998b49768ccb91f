using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Mdfld.Tests.Launchers;

/// <summary>Every C# program of the documents compiles as it stands, and runs; every recipe is one.</summary>
[Collection(nameof(Alone))]
public sealed class DocumentCodeTests : IDisposable
{
    // As a project of the SDK has them.
    private const string Usings =
        """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Threading; global using System.Threading.Tasks;
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly string _before = Directory.GetCurrentDirectory();
    private readonly TextWriter _console = Console.Out;

    /// <summary>All but the web service, which <see cref="PackageTests"/> builds as a project and asks.</summary>
    public static TheoryData<string, int> Programs()
    {
        var programs = new TheoryData<string, int>();
        foreach (var document in Documents())
        {
            foreach (var (i, block) in DocumentCode.Blocks(document, "csharp").Index())
            {
                if (!block.Contains("WebApplication", StringComparison.Ordinal))
                    programs.Add(document, i);
            }
        }
        return programs;
    }

    public void Dispose()
    {
        Console.SetOut(_console);
        Directory.SetCurrentDirectory(_before);
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task EveryProgramRuns(string document, int block)
    {
        var output = new MemoryStream();
        var result = Compile(DocumentCode.Blocks(document, "csharp")[block]).Emit(output);
        Assert.Empty(result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error));

        foreach (var name in (string[])["samples", "models"])
            Directory.CreateSymbolicLink(_folder[name], Path.Combine(TestFiles.RepositoryRoot, name));
        Directory.SetCurrentDirectory(_folder.Path);
        Console.SetOut(TextWriter.Null);
        output.Position = 0;
        var entry = new AssemblyLoadContext(null).LoadFromStream(output).EntryPoint!;
        object?[] arguments = entry.GetParameters().Length > 0 ? [Array.Empty<string>()] : [];
        await Task.Run(() => entry.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null));
    }

    [Fact]
    public void TheRecipeForOwnPicturesIsOne()
    {
        var yaml = DocumentCode.Blocks("docs/own-pictures.md", "yaml").Single();
        File.WriteAllText(_folder["own.yaml"], yaml);
        var recipe = Assert.IsType<DetectorRecipe>(FaceRecipes.Read(_folder["own.yaml"]));
        Assert.Equal(["my-val"], recipe.Validation);
        Assert.True(File.Exists(Path.Combine(TestFiles.RepositoryRoot, recipe.Start!)));
    }

    private static IEnumerable<string> Documents() => Directory.GetFiles(
        Path.Combine(TestFiles.RepositoryRoot, "docs"), "*.md").Select(f => $"docs/{Path.GetFileName(f)}").Order()
        .Prepend("README.md");

    private static CSharpCompilation Compile(string program)
    {
        var options = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview);
        var libraries = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        return CSharpCompilation.Create(
            $"document-{Guid.NewGuid():N}",
            [CSharpSyntaxTree.ParseText(program, options), CSharpSyntaxTree.ParseText(Usings, options)],
            libraries.Select(l => MetadataReference.CreateFromFile(l)),
            new CSharpCompilationOptions(
                OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
    }
}

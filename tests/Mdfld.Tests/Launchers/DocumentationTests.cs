using Mdfld.Training;
using Xunit.Abstractions;

namespace Mdfld.Tests.Launchers;

/// <summary>Every command of the README and of docs/ is run as a reader would, beside links to the checkout.</summary>
public sealed class DocumentationTests(ITestOutputHelper output)
{
    /// <summary>What gets the reader here, and what would run these tests within themselves.</summary>
    private static readonly string[] _notRun = ["git clone ", "cd ", "./test", "dotnet add package "];

    public static TheoryData<string> Documents()
    {
        var root = TestFiles.RepositoryRoot;
        var docs = Path.Combine(root, "docs");
        var more = Directory.Exists(docs) ? Directory.GetFiles(docs, "*.md", SearchOption.AllDirectories) : [];
        return
        [
            "README.md",
            .. more.Where(f => Commands(f).Any()).Order().Select(f => Path.GetRelativePath(root, f)),
        ];
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void EveryCommandWorks(string document)
    {
        using var folder = new TemporaryFolder();
        var checkout = LinkCheckout(folder);
        foreach (var command in Commands(Path.Combine(checkout, document)))
        {
            var trains = command.StartsWith("./mdfld train ", StringComparison.Ordinal);
            var run = trains ? command + SmallBudget(command) : command;
            var result = Shell.Run(run, checkout);

            output.WriteLine($"$ {run}\n{result.Output}\n{result.Errors}");
            Assert.True(result.ExitCode == 0, $"exit code {result.ExitCode}: {run}\n{result.Errors}");
        }
    }

    [Fact]
    public void ReadmeShowsDetection() =>
        Assert.Contains(
            DocumentCommands.Read(File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "README.md")))
                .SelectMany(block => block),
            c => c.StartsWith("./mdfld detect ", StringComparison.Ordinal));

    /// <summary>A block that needs the shared data is left out where that is absent.</summary>
    private static IEnumerable<string> Commands(string document) =>
        DocumentCommands.Read(File.ReadAllText(document))
            .Where(b => SharedData.MissingReason is null
                || !b.Any(c => c.Contains("../shared", StringComparison.Ordinal)))
            .SelectMany(b => b)
            .Where(c => !_notRun.Any(n => c.StartsWith(n, StringComparison.Ordinal)));

    /// <summary>One step a phase, on the smallest folders: a document promises that it trains at all.</summary>
    private static string SmallBudget(string command)
    {
        var words = command.Split(' ');
        var file = words[Array.IndexOf(words, "--recipe") + 1];
        var recipe = RecipeFile.Read(Path.Combine(TestFiles.RepositoryRoot, file));
        string[] changes =
        [
            "batch=2",
            "replicas=1",
            .. recipe.Phases.Select((_, i) => $"phases.{i}.steps=1"),
            .. recipe.Data.Select((_, i) => $"data.{i}.name=caricature-train"),
            .. recipe.Validation.Select((_, i) => $"validation.{i}=caricature-val"),
        ];
        return string.Concat(changes.Select(c => $" --set {c}"));
    }

    /// <summary>What the commands write lands beside links to the checkout's own files, not in the checkout.</summary>
    private static string LinkCheckout(TemporaryFolder folder)
    {
        var checkout = Directory.CreateDirectory(folder["checkout"]).FullName;
        foreach (var entry in new DirectoryInfo(TestFiles.RepositoryRoot).EnumerateFileSystemInfos())
        {
            if (entry.Name is not ("runs" or ".git"))
                File.CreateSymbolicLink(Path.Combine(checkout, entry.Name), entry.FullName);
        }

        Directory.CreateSymbolicLink(folder["shared"], TestFiles.Shared());
        return checkout;
    }
}

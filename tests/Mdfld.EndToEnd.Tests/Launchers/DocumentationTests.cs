using System.Text.RegularExpressions;
using Mdfld.Generation;
using Mdfld.Tests.Studio;
using Mdfld.Training;
using Xunit.Abstractions;

namespace Mdfld.Tests.Launchers;

/// <summary>Every command of the README and of docs/ is run as a reader would, and what they link to exists.</summary>
/// <remarks>Two classes, which run beside each other.</remarks>
public sealed class DocumentationTests(ITestOutputHelper output)
{
    /// <summary>What gets the reader here, and what would run these tests within themselves.</summary>
    private static readonly string[] NotRun =
        ["git clone ", "cd ", "./test", "dotnet add package ", "./mdfld setup torch"];

    /// <summary>What Slurm tells the script of a job: two processes; the first and only one of an array.</summary>
    private const string Slurm = "export SLURM_NTASKS=2 SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=1";

    private const string Train = "./mdfld train ";
    private const string Studio = "./mdfld studio ";

    public static TheoryData<string, string[]> Scripts() => Scripts(isOfTraining: false);

    /// <summary>Those of the documents about training, which take half of the time, or of all others.</summary>
    internal static TheoryData<string, string[]> Scripts(bool isOfTraining)
    {
        var scripts = new TheoryData<string, string[]>();
        foreach (var document in Documents().Where(d => d.Contains("training", StringComparison.Ordinal) == isOfTraining))
        {
            foreach (var script in Scripts(document, SharedData.MissingReason is null))
                scripts.Add(document, script);
        }

        return scripts;
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void EveryCommandWorks(string document, string[] script) => Run(document, script, output);

    internal static void Run(string document, string[] script, ITestOutputHelper output)
    {
        using var folder = new TemporaryFolder();
        var checkout = LinkCheckout(folder);
        if (script.Any(c => c.StartsWith(Studio, StringComparison.Ordinal)) && StudioFixture.MissingReason is { } reason)
        {
            output.WriteLine($"not run: {reason}");
            return;
        }
        var commands = script.Select(c => c.Contains(Train, StringComparison.Ordinal) ? c + SmallBudget(c) : Opened(c));

        var result = Shell.Run($"PS4='+$SECONDS s '\nset -ex\n{Slurm}\n{string.Join('\n', commands)}", checkout);

        output.WriteLine($"{result.Output}\n{result.Errors}");
        Assert.True(result.ExitCode == 0, $"{document}: exit code {result.ExitCode}\n{result.Errors}");
    }

    [Fact]
    public void WithoutTheSharedDataNothingNeedsIt()
    {
        var commands = Documents().SelectMany(d => Scripts(d, hasSharedData: false)).SelectMany(s => s).ToArray();

        Assert.NotEmpty(commands);
        Assert.DoesNotContain(commands, c => c.Contains("../shared", StringComparison.Ordinal));
        Assert.DoesNotContain(commands, c => c.Contains("runs/", StringComparison.Ordinal));
    }

    [Fact]
    public void WhatIsLinkedExists()
    {
        var missing =
            from document in Documents()
            let path = Path.Combine(TestFiles.RepositoryRoot, document)
            from Match link in Regex.Matches(File.ReadAllText(path), @"\]\(([^)\s#]+)")
            let target = link.Groups[1].Value
            where !target.Contains("://", StringComparison.Ordinal)
                && !Path.Exists(Path.Combine(Path.GetDirectoryName(path)!, target))
            select $"{document}: {target}";

        Assert.Empty(missing);
    }

    [Fact]
    public void ReadmeShowsDetection() =>
        Assert.Contains(
            DocumentCommands.Read(File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "README.md")))
                .SelectMany(block => block),
            c => c.StartsWith("./mdfld detect ", StringComparison.Ordinal));

    /// <summary>The README and docs/, relative to the checkout.</summary>
    private static IEnumerable<string> Documents()
    {
        var root = TestFiles.RepositoryRoot;
        return Directory.GetFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(root, f)).Order().Prepend("README.md");
    }

    private static IEnumerable<string[]> Scripts(string document, bool hasSharedData) =>
        DocumentCommands.Scripts(File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, document)), hasSharedData)
            .Select(s => s.Where(c => !NotRun.Any(n => c.StartsWith(n, StringComparison.Ordinal))).ToArray())
            .Where(s => s.Length > 0);

    /// <summary>One step a phase, on the smallest folders: a document promises that it trains at all.</summary>
    private static string SmallBudget(string command)
    {
        if (command.Contains(Train + "adapt ", StringComparison.Ordinal))
            return " --set batch=2 --set replicas=1 --set phases.0.steps=1 --set phases.1.steps=1";
        var words = command.Split(' ');
        var file = words[Array.IndexOf(words, "--recipe") + 1];
        if (command.Contains(Train + "generator ", StringComparison.Ordinal))
            return SmallGeneratorBudget(Path.Combine(TestFiles.RepositoryRoot, file));
        var recipe = FaceRecipes.Read(Path.Combine(TestFiles.RepositoryRoot, file));
        string[] changes =
        [
            "batch=2",
            "replicas=1",
            .. recipe.Phases.Select((_, i) => $"phases.{i}.steps=1"),
            .. recipe.Data.Select((_, i) => $"data.{i}.name=caricature-train"),
            .. recipe.Validation.Select((_, i) => $"validation.{i}=caricature-val"),
            .. recipe.Network == NetworkKind.Finder ? (string[])["scenes.shows=1", "scenes.validation_scenes=2", "scenes.landmark_model=null", "scenes.teacher=null", "scenes.hard_examples_of=null", "scenes.boxed=null", "scenes.pictures=[pictures]", "scenes.validation_pictures=[]"] : [],
        ];
        return string.Concat(changes.Select(c => $" --set {c}"));
    }

    /// <summary>A studio until its page was fetched: it would stay open.</summary>
    private static string Opened(string command) => !command.StartsWith(Studio, StringComparison.Ordinal) ? command
        : $"{command} --no-browser >address & until grep -q http address || ! kill -0 $!; do sleep 0.1; done; "
            + "curl --silent --fail \"$(cat address)\" | grep -q 'Mdfld studio'; kill -TERM $!; wait $!";

    private static string SmallGeneratorBudget(string file)
    {
        var recipe = RecipeFile.Read<GeneratorRecipe>(file);
        static string[] Run(string part) =>
            [$"{part}.steps=1", $"{part}.warm_up=0", $"{part}.cool_down=0", $"{part}.batch=2", $"{part}.accumulate=1"];
        string[] changes =
        [
            "replicas=1", "variants=1", "samples=0", "validation_faces=2",
            .. recipe.Data.SelectMany((_, i) => new[] { $"data.{i}.name=caricature-train", $"data.{i}.style=oil" }),
            .. recipe.Data.Index().Where(d => d.Item.Photo is not null).Select(d => $"data.{d.Index}.photo=self"),
            .. recipe.Data.Index().Where(d => d.Item.Draw > 0)
                .SelectMany(d => new[] { $"data.{d.Index}.draw=2", $"data.{d.Index}.style=null" }),
            .. recipe.Validation.Select((_, i) => $"validation.{i}.name=caricature-val"),
            .. recipe.Autoencoder is null
                ? Run("diffusion")
                : [.. Run("autoencoder"), "autoencoder.teacher=null", "autoencoder.features=null", "size=64"],
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

/// <summary>The documents about training.</summary>
public sealed class TrainingDocumentationTests(ITestOutputHelper output)
{
    public static TheoryData<string, string[]> Scripts() => DocumentationTests.Scripts(isOfTraining: true);

    [Theory]
    [MemberData(nameof(Scripts))]
    public void EveryCommandWorks(string document, string[] script) => DocumentationTests.Run(document, script, output);
}

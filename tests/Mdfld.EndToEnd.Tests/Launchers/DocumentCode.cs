namespace Mdfld.Tests.Launchers;

/// <summary>The programs that documents show: their <c>csharp</c> and <c>yaml</c> blocks.</summary>
internal static class DocumentCode
{
    /// <summary>The blocks of a language in a document, relative to the repository.</summary>
    public static IReadOnlyList<string> Blocks(string document, string language)
    {
        var parts = File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, document)).Split("\n```");
        // Every second part is inside of a fence, and begins with its language.
        return
        [
            .. parts.Where((part, i) => i % 2 == 1 && part.StartsWith(language + "\n", StringComparison.Ordinal))
                .Select(part => part[(language.Length + 1)..] + "\n"),
        ];
    }

    /// <summary>The program of a document that holds a text.</summary>
    public static string Program(string document, string text) =>
        Blocks(document, "csharp").Single(block => block.Contains(text, StringComparison.Ordinal));
}

using System.Text.RegularExpressions;

namespace Mdfld.Diffusion.Synthesis;

/// <summary>The styles of a file and the words their prompts are filled with.</summary>
public sealed partial class StyleBook
{
    private readonly IReadOnlyDictionary<string, IReadOnlyList<string>> _words;

    internal StyleBook(
        string source, IReadOnlyDictionary<string, IReadOnlyList<string>> words, IReadOnlyList<Style> styles,
        string hash) =>
        (Source, _words, Styles, Hash) = (source, words, styles, hash);

    /// <summary>The file, or what stands for it in messages.</summary>
    public string Source { get; }

    /// <summary>The styles in the order of the file.</summary>
    public IReadOnlyList<Style> Styles { get; }

    /// <summary>SHA-256 of the file, hexadecimal.</summary>
    public string Hash { get; }

    /// <summary>The styles that a list of ids names, in the order of the file.</summary>
    /// <param name="names">"all", or ids parted by commas.</param>
    /// <exception cref="ArgumentException">A style is unknown or named twice.</exception>
    public IReadOnlyList<Style> Select(string names)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names == "all")
            return Styles;
        var wanted = names.Split(',', StringSplitOptions.TrimEntries);
        if (wanted.FirstOrDefault(n => Styles.All(s => s.Id != n)) is { } unknown)
        {
            throw new ArgumentException(
                $"no style is called '{unknown}' in {Source}; "
                + $"it has: all, {string.Join(", ", Styles.Select(s => s.Id))}");
        }
        if (wanted.GroupBy(n => n).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"the style {twice.Key} is named twice");
        return [.. Styles.Where(s => wanted.Contains(s.Id))];
    }

    /// <summary>One of the style's prompts, its slots filled.</summary>
    /// <param name="style">A style of this book.</param>
    /// <param name="random">All draws come from it.</param>
    public string Prompt(Style style, Random random)
    {
        ArgumentNullException.ThrowIfNull(style);
        ArgumentNullException.ThrowIfNull(random);
        var prompt = style.Prompts[random.Next(style.Prompts.Count)];
        return Slot().Replace(prompt, slot =>
        {
            var words = _words[slot.Groups[1].Value];
            return words[random.Next(words.Count)];
        });
    }

    /// <summary>Every prompt there can be, as templates and words: what a tokenizer's vocabulary is made of.</summary>
    public IEnumerable<string> AllText() =>
        [.. Styles.SelectMany(s => s.Prompts.Append(s.Caption).Append(s.Negative)),
            .. _words.Values.SelectMany(w => w)];

    [GeneratedRegex(@"\{([^{}]*)\}")]
    internal static partial Regex Slot();
}

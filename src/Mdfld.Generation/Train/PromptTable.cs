using System.Globalization;
using Mdfld.Generation.Dataset;
using Mdfld.Training;

namespace Mdfld.Generation;

/// <summary>
/// The prompts of a run: none at all, and for each style what its pictures are called and a fixed number of its prompts
/// with words drawn for them.
/// </summary>
internal sealed class PromptTable
{
    private readonly Dictionary<string, int[]> _byStyle = [];
    private readonly List<string> _prompts = [""];

    /// <param name="book">The styles and their words.</param>
    /// <param name="styles">Those that occur.</param>
    /// <param name="each">Prompts a style, the caption not counted.</param>
    /// <param name="seed">Decides on the words.</param>
    public PromptTable(StyleBook book, IEnumerable<Style> styles, int each, int seed)
    {
        foreach (var style in styles.DistinctBy(s => s.Id))
        {
            var random = new SampleOrder(1, seed).RandomAt(book.Styles.ToList().FindIndex(s => s.Id == style.Id));
            string[] prompts =
            [
                style.Caption, .. Enumerable.Range(0, each).Select(_ => book.Prompt(style, random)),
            ];
            _byStyle[style.Id] = [.. prompts.Distinct().Select(Add)];
        }
    }

    /// <summary>All prompts; the first is empty.</summary>
    public IReadOnlyList<string> Prompts => _prompts;

    /// <summary>A prompt for a picture: half of the time what it is called, the others else.</summary>
    public int Draw(Style style, Random random)
    {
        var prompts = _byStyle[style.Id];
        return prompts.Length == 1 || random.Next(2) == 0 ? prompts[0] : prompts[random.Next(1, prompts.Length)];
    }

    /// <summary>What a style's pictures are called.</summary>
    public int Caption(Style style) => _byStyle[style.Id][0];

    /// <summary>Token ids of every prompt, as numbers of a sample.</summary>
    public SamplePart[] Ids(ClipTokenizer tokenizer) =>
    [
        .. _prompts.Select(p => tokenizer.Encode(p))
            .Select(ids => new SamplePart([.. ids.Select(i => (float)i)], [ids.Length])),
    ];

    /// <summary>States of every prompt, computed once and kept on disk.</summary>
    public SamplePart[] States(ClipTokenizer tokenizer, ClipTextEncoder encoder, Device device, ContentCache cache)
    {
        using var noGrad = no_grad();
        var weights = ContentCache.HashOf(encoder);
        return [.. _prompts.Select(States)];

        SamplePart States(string prompt)
        {
            long[] ids = [.. tokenizer.Encode(prompt).Select(i => (long)i)];
            long[] shape = [ids.Length, encoder.Config.HiddenSize];
            var count = ids.Length * encoder.Config.HiddenSize;
            var key = ContentCache.KeyOf(
                [], "text states 1", weights, string.Join(' ', ids), encoder.Config.HiddenAct,
                encoder.Config.LayerNormEps.ToString("R", CultureInfo.InvariantCulture));
            if (!cache.Has(key, count))
            {
                using var scope = NewDisposeScope();
                var states = encoder.Forward(Tensor.From<long>(ids, 1, ids.Length).to(device));
                cache.Put(key, states.to(ScalarType.Float32).to(CPU).ToArray<float>());
            }
            return new(cache.Read(key, 0, count), shape);
        }
    }

    private int Add(string prompt)
    {
        var index = _prompts.IndexOf(prompt);
        if (index >= 0)
            return index;
        _prompts.Add(prompt);
        return _prompts.Count - 1;
    }
}

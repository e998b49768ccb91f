using System.Text;

namespace Mdfld.Generation.Dataset;

/// <summary>The card of a generated data set: what it is, how it came about, how its labels were checked.</summary>
internal static class DatasetCard
{
    public static string Write(DatasetSettings settings, StyleBook book, IReadOnlyList<SampleRecord> records)
    {
        var text = new StringBuilder();
        var kept = records.Where(r => r.Picture is not null).ToArray();
        text.Append(CultureInfo.InvariantCulture, $"""
            # Generated faces: {kept.Length} pairs in {kept.DistinctBy(r => r.Style).Count()} styles

            Pictures of {settings.Size} x {settings.Size} pixels, each with the 68 iBUG points of its face, made by `mdfld generate`.

            | what | where |
            |---|---|
            | `annotations.tsv`, `images/STYLE/` | landmarks (STAR's metadata columns, the style last) and pictures |
            | `samples.jsonl` | a JSON object a sample: prompt, seed, attempt, engine, model, check, hash, landmarks |
            | `sheets/STYLE.png` | the first pictures of a style, without and with their points |
            | `generate.json` | what every byte here follows from |

            {Origin(settings)} Landmarks were varied from those of {settings.Landmarks} labelled faces. Every pair was looked at by
            the detector `{settings.CheckModel}`, and made again where its points and the label differed by more than
            {settings.CheckThreshold} % of the distance of the outer eye corners (NME), at most {settings.Attempts} times in all.

            | style | pairs | made again | given up | NME mean % | median | 90 % below |
            |---|---|---|---|---|---|---|

            """);
        foreach (var style in book.Styles)
        {
            if (records.Where(r => r.Style == style.Id).ToArray() is { Length: > 0 } samples)
                Row(text, style.Id, samples);
        }
        Row(text, "all", records);
        text.Append(
            "\nThe licence of the labelled pictures and of the model, if any, holds for what was made of them.\n");
        return text.ToString();
    }

    private static string Origin(DatasetSettings settings) => settings.Model is null
        ? "The pictures are photos, warped and redrawn by filters (`--engine stylize`)."
        : $"The pictures are of the diffusion model `{settings.Model}` (`{settings.Sampler}`, {settings.Steps} steps).";

    private static void Row(StringBuilder text, string name, IReadOnlyList<SampleRecord> samples)
    {
        double[] errors = [.. samples.Where(r => r.Picture is not null).Select(r => r.CheckNme[^1]!.Value).Order()];
        var figures = errors.Length == 0 ? "- | - | -" : string.Create(
            CultureInfo.InvariantCulture,
            $"{errors.Average():0.00} | {errors[errors.Length / 2]:0.00} | {errors[errors.Length * 9 / 10]:0.00}");
        text.Append(
            CultureInfo.InvariantCulture,
            $"| {name} | {errors.Length} | {samples.Sum(r => r.Attempt)} "
            + $"| {samples.Count - errors.Length} | {figures} |\n");
    }
}

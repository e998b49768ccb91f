using System.Text;

namespace Mdfld.Generation.Dataset;

/// <summary>The card of a generated data set: what it is, how it came about, how its labels were checked.</summary>
internal static class DatasetCard
{
    /// <param name="missing">Samples that are still to be made.</param>
    public static string Write(
        DatasetSettings settings, StyleBook book, IReadOnlyList<SampleRecord> records, int missing)
    {
        var text = new StringBuilder();
        var kept = records.Where(r => r.Picture is not null).ToArray();
        text.Append(CultureInfo.InvariantCulture, $"""
            # Generated faces: {kept.Length} pairs in {kept.DistinctBy(r => r.Style).Count()} styles

            {SoFar(records.Count, missing)}Pictures of {settings.Size} x {settings.Size} pixels, each with the 68 iBUG points of its face, made by `mdfld generate`.

            | what | where |
            |---|---|
            | `annotations.tsv`, `images/STYLE/` | landmarks (STAR's metadata columns, the style last) and pictures |
            | `samples.jsonl` | a JSON object a sample: prompt, seed, attempt, engine, model, check, hash, landmarks |
            | `sheets/STYLE.png` | the first pictures of a style, without and with their points |
            | `generate.json` | what every byte here follows from |

            {Origin(settings)} Landmarks were varied from those of {settings.Landmarks} labelled faces.
            {Check(settings)}

            | style | pairs | made again | given up | NME mean % | median | 90 % below |
            |---|---|---|---|---|---|---|

            """);
        foreach (var style in book.Styles)
        {
            if (records.Where(r => r.Style == style.Id).ToArray() is { Length: > 0 } samples)
                Row(text, style.Id, samples);
        }
        Row(text, "all", records);
        text.Append("""

            Before anything was made again (edges: mean squared difference of neighbouring pixels, in thousandths of the range's
            square; colour: mean |Cb| and |Cr|, % of the range):

            | style | first attempts that passed % | face found % | NME median % | edges | colour |
            |---|---|---|---|---|---|

            """);
        foreach (var samples in records.GroupBy(r => r.Style))
            FirstAttempts(text, samples.Key, samples);
        FirstAttempts(text, "all", records);
        text.Append(
            "\nThe licence of the labelled pictures and of the model, if any, holds for what was made of them.\n");
        return text.ToString();
    }

    private static string SoFar(int made, int missing) => missing == 0 ? ""
        : $"This set is still being made: {made} of {made + missing} samples are here, `samples.jsonl` comes with the last; "
            + "`mdfld generate --resume` goes on where it was stopped.\n\n";

    private static string Check(DatasetSettings settings) => settings.Check switch
    {
        "none" => "No picture was refused.",
        "nme" => string.Create(
            CultureInfo.InvariantCulture,
            $"Every picture was looked at by the detector `{settings.CheckModel}`, and made again, at most {settings.Attempts} times "
            + $"in all, where its points and the label differed by more than {settings.CheckThreshold} % of the distance of the "
            + $"outer eye corners (NME)."),
        _ => string.Create(
            CultureInfo.InvariantCulture,
            $"Every picture was looked at by the detector `{settings.CheckModel}` and the finder `{settings.CheckFinder}`, and made "
            + $"again, at most {settings.Attempts} times in all, where the finder saw no face there, or points and label differed by "
            + $"more than {settings.CheckThreshold} % of the distance of the outer eye corners (NME) or half of what the mean head "
            + $"differs by."),
    };

    private static void FirstAttempts(StringBuilder text, string name, IEnumerable<SampleRecord> samples)
    {
        CheckResult?[] first = [.. samples.Select(r => r.Checks[0])];
        CheckResult[] seen = [.. first.OfType<CheckResult>().OrderBy(c => c.Nme)];
        var found = seen.Length == 0 || seen[0].Found is null ? "-" : Percent(seen.Count(c => c.Found == true), seen.Length);
        var figures = seen.Length == 0 ? "- | - | -" : string.Create(
            CultureInfo.InvariantCulture,
            $"{seen[seen.Length / 2].Nme:0.00} | {1000 * seen.Average(c => c.Edges):0.00} "
            + $"| {100 * seen.Average(c => c.Colour):0.0}");
        text.Append(
            CultureInfo.InvariantCulture,
            $"| {name} | {Percent(seen.Count(c => c.IsPassed), first.Length)} | {found} | {figures} |\n");
    }

    private static string Percent(int part, int whole) =>
        (100.0 * part / whole).ToString("0", CultureInfo.InvariantCulture);

    private static string Origin(DatasetSettings settings) => settings.Model is null
        ? "The pictures are photos, warped and redrawn by filters (`--engine stylize`)."
        : $"The pictures are of the diffusion model `{settings.Model}` (`{settings.Sampler}`, {settings.Steps} steps).";

    private static void Row(StringBuilder text, string name, IReadOnlyList<SampleRecord> samples)
    {
        double[] errors = [.. samples.Where(r => r.Picture is not null).Select(r => r.Checks[^1]!.Nme).Order()];
        var figures = errors.Length == 0 ? "- | - | -" : string.Create(
            CultureInfo.InvariantCulture,
            $"{errors.Average():0.00} | {errors[errors.Length / 2]:0.00} | {errors[errors.Length * 9 / 10]:0.00}");
        text.Append(
            CultureInfo.InvariantCulture,
            $"| {name} | {errors.Length} | {samples.Sum(r => r.Attempt)} "
            + $"| {samples.Count - errors.Length} | {figures} |\n");
    }
}

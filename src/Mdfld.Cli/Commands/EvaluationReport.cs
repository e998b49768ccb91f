using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Mdfld.Cli.Commands;

/// <summary>The results of <c>mdfld evaluate</c> as a table and as JSON.</summary>
/// <param name="result">Of the model that is measured.</param>
/// <param name="model">Its name.</param>
/// <param name="other">Of a second model on the same faces; null where there is none.</param>
/// <param name="otherModel">Its name.</param>
internal sealed class EvaluationReport(Evaluation result, string model, Evaluation? other, string? otherModel)
{
    private PairedComparison? Against =>
        other is null ? null : PairedComparison.Of(result.All.Errors, other.All.Errors);

    /// <summary>One JSON object on labelled faces.</summary>
    public string Json()
    {
        var json = new JsonObject
        {
            ["faces"] = result.All.Errors.Count,
            ["found"] = Percent(result.All.FoundShare),
            ["nme"] = Percent(result.All.Mean),
            ["nme_median"] = Percent(result.All.Median),
        };
        if (result.Inner is { } inner)
            json["nme_inner51"] = Percent(inner);
        if (result.Outline is { } outline)
            json["jaw_outline"] = Percent(outline);
        json["fr10"] = Percent(result.All.FailureRate());
        json["auc10"] = Percent(result.All.Auc());
        json["seconds_per_face"] = Math.Round(result.SecondsPerFace, 6);
        json["groups"] = Object(result.Groups, Percent);
        if (result.Reliability is { } reliability)
        {
            json["confidence"] = new JsonObject
            {
                ["threshold"] = Math.Round(reliability.Threshold, 4),
                ["kept"] = Percent(reliability.Kept),
                ["fr10_kept"] = Percent(reliability.FailureRate),
                ["right_kept"] = Percent(reliability.RightKept),
                ["wrong_kept"] = Percent(reliability.WrongKept),
                ["calibration_error"] = Percent(reliability.CalibrationError),
            };
        }
        if (result.Ellipses is { } ellipses)
        {
            json["ellipses"] = new JsonObject
            {
                ["in50"] = Percent(ellipses.In50),
                ["in68"] = Percent(ellipses.In68),
                ["in95"] = Percent(ellipses.In95),
                ["rank_correlation"] = Math.Round(ellipses.RankCorrelation, 4),
            };
        }
        json["styles"] = Object(result.Styles, style => new JsonObject
        {
            ["faces"] = style.Errors.Count,
            ["found"] = Percent(style.FoundShare),
            ["nme"] = Percent(style.Mean),
            ["fr10"] = Percent(style.FailureRate()),
            ["auc10"] = Percent(style.Auc()),
        });
        foreach (var (name, groups) in result.StyleGroups)
            json["styles"]![name]!["groups"] = Object(groups, Percent);
        if (Against is { } pairs)
        {
            json["against"] = new JsonObject
            {
                ["model"] = otherModel,
                ["faces"] = pairs.Faces,
                ["nme"] = Percent(pairs.Other),
                ["difference"] = Percent(pairs.Difference),
                ["low95"] = Percent(pairs.Low),
                ["high95"] = Percent(pairs.High),
                ["better"] = Percent(pairs.BetterShare),
            };
        }
        return json.ToJsonString();

        static JsonObject Object<T>(IReadOnlyDictionary<string, T> members, Func<T, JsonNode?> value) =>
            new(members.Select(m => KeyValuePair.Create(m.Key, value(m.Value))));
    }

    public void Print(string data, string norm, int workers, TextWriter output)
    {
        var console = Terminal.On(output);
        var names = result.Groups.Keys.ToArray();
        var table = NewTable(["", "faces", "NME %", "FR@10", "AUC@10", .. names]);
        Row("all points", result.All, result.Groups);
        if (result.All.FoundShare < 1)
            Single("found %", result.All.FoundShare);
        Single("median", result.All.Median);
        if (result.Inner is { } inner)
            Single("without jaw", inner);
        if (result.Outline is { } outline)
            Single("jaw's outline", outline);
        foreach (var (name, style) in result.Styles)
            Row(name, style, result.StyleGroups[name]);
        console.MarkupLineInterpolated($"[bold]{model}[/] on {data}, errors / {norm} distance");
        console.Write(table);
        if (Against is { } pairs)
        {
            var verdict = !pairs.IsSettled ? "not settled which is better"
                : $"{(pairs.Difference < 0 ? model : otherModel)} is better";
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"against {otherModel}, {pairs.Faces} faces: {100 * pairs.Mean:0.00} - {100 * pairs.Other:0.00} = "
                + $"{100 * pairs.Difference:+0.00;-0.00} % NME, 95 % interval {100 * pairs.Low:+0.00;-0.00} to "
                + $"{100 * pairs.High:+0.00;-0.00}, better on {100 * pairs.BetterShare:0} % of the faces: {verdict}"));
        }
        if (result.Reliability is { } r)
        {
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"confidence: {100 * r.Kept:0.0} % of the faces found have {r.Threshold:0.00} or more, "
                + $"{100 * r.FailureRate:0.0} % of those are off by over 10 %; "
                + $"calibration error {100 * r.CalibrationError:0.0} %"));
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"of the faces right to 10 % {Share(r.RightKept)} have it, of the others {Share(r.WrongKept)}"));
        }
        if (result.Ellipses is { } e)
        {
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"uncertainty: {100 * e.In50:0.0}, {100 * e.In68:0.0} and {100 * e.In95:0.0} % of the points lie in "
                + $"their ellipses of 50, 68 and 95 %; rank correlation with the error {e.RankCorrelation:0.00}"));
        }
        console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture, $"{result.SecondsPerFace * 1000:0.0} ms a face, {workers} at a time");

        static string Share(double share) => double.IsNaN(share) ? "(there are none)"
            : string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %");

        void Row(string name, ErrorSummary errors, IReadOnlyDictionary<string, double> groups) => table.AddRow([
            Markup.Escape(name),
            errors.Errors.Count.ToString(CultureInfo.InvariantCulture),
            Text(errors.Mean),
            Text(errors.FailureRate()),
            Text(errors.Auc()),
            .. names.Select(n => Text(groups[n]))]);

        void Single(string name, double value) =>
            table.AddRow([name, "", Text(value), "", "", .. names.Select(_ => "")]);
    }

    /// <summary>An empty table whose columns but the first are of numbers.</summary>
    public static Table NewTable(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns(columns);
        foreach (var column in table.Columns.Skip(1))
            column.RightAligned();
        return table;
    }

    /// <summary>A fraction in %; JSON has no word for the mean of nothing but null.</summary>
    public static JsonNode? Percent(double fraction) =>
        double.IsFinite(fraction) ? Math.Round(100 * fraction, 4) : null;

    /// <summary>A fraction in %.</summary>
    public static string Text(double fraction) =>
        double.IsFinite(fraction) ? (100 * fraction).ToString("0.00", CultureInfo.InvariantCulture) : "-";
}

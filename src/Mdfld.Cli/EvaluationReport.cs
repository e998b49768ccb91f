using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace Mdfld.Cli;

/// <summary>What <c>mdfld evaluate</c> says of a folder of labelled faces.</summary>
internal static class EvaluationReport
{
    public static string Json(Evaluation result)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("faces", result.All.Errors.Count);
            json.WriteNumber("found", Percent(result.All.FoundShare));
            Number(json, "nme", result.All.Mean);
            Number(json, "nme_median", result.All.Median);
            if (result.Inner is { } inner)
                Number(json, "nme_inner51", inner);
            json.WriteNumber("fr10", Percent(result.All.FailureRate()));
            json.WriteNumber("auc10", Percent(result.All.Auc()));
            json.WriteNumber("seconds_per_face", Math.Round(result.SecondsPerFace, 6));
            json.WriteStartObject("groups");
            foreach (var (name, nme) in result.Groups)
                Number(json, name, nme);
            json.WriteEndObject();
            if (result.Reliability is { } reliability)
            {
                json.WriteStartObject("confidence");
                json.WriteNumber("threshold", Math.Round(reliability.Threshold, 4));
                json.WriteNumber("kept", Percent(reliability.Kept));
                json.WriteNumber("fr10_kept", Percent(reliability.FailureRate));
                json.WriteNumber("calibration_error", Percent(reliability.CalibrationError));
                json.WriteEndObject();
            }
            json.WriteStartObject("styles");
            foreach (var (name, style) in result.Styles)
            {
                json.WriteStartObject(name);
                json.WriteNumber("faces", style.Errors.Count);
                json.WriteNumber("found", Percent(style.FoundShare));
                Number(json, "nme", style.Mean);
                json.WriteNumber("fr10", Percent(style.FailureRate()));
                json.WriteNumber("auc10", Percent(style.Auc()));
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    public static void Print(
        Evaluation result, LandmarkModel model, string data, string norm, int workers, TextWriter output)
    {
        var console = Terminal.On(output);
        var table = new Table().Border(TableBorder.Simple).AddColumns("", "faces", "NME %", "FR@10 %", "AUC@10 %");
        for (var i = 1; i < table.Columns.Count; i++)
            table.Columns[i].RightAligned();
        Row("all points", result.All);
        if (result.All.FoundShare < 1)
            table.AddRow("found %", Text(result.All.FoundShare), "", "", "");
        table.AddRow("median", "", Text(result.All.Median), "", "");
        if (result.Inner is { } inner)
            table.AddRow("without jaw", "", Text(inner), "", "");
        foreach (var (name, nme) in result.Groups)
            table.AddRow(name, "", Text(nme), "", "");
        foreach (var (name, style) in result.Styles)
            Row(name, style);
        console.MarkupLineInterpolated($"[bold]{model.Name}[/] on {data}, errors / {norm} distance");
        console.Write(table);
        if (result.Reliability is { } r)
        {
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"confidence: {100 * r.Kept:0.0} % of the faces found have {r.Threshold:0.00} or more, "
                + $"{100 * r.FailureRate:0.0} % of those are off by over 10 %; "
                + $"calibration error {100 * r.CalibrationError:0.0} %"));
        }
        console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture, $"{result.SecondsPerFace * 1000:0.0} ms a face, {workers} at a time");

        void Row(string name, ErrorSummary errors) => table.AddRow(
            Markup.Escape(name),
            errors.Errors.Count.ToString(CultureInfo.InvariantCulture),
            Text(errors.Mean),
            Text(errors.FailureRate()),
            Text(errors.Auc()));
    }

    // JSON has no word for the mean of nothing but null.
    private static void Number(Utf8JsonWriter json, string name, double fraction)
    {
        if (double.IsFinite(fraction))
            json.WriteNumber(name, Percent(fraction));
        else
            json.WriteNull(name);
    }

    private static double Percent(double fraction) => Math.Round(100 * fraction, 4);

    private static string Text(double fraction) => (100 * fraction).ToString("0.00", CultureInfo.InvariantCulture);
}

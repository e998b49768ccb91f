using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace Mdfld.Cli;

/// <summary>What <c>mdfld evaluate --faces</c> says of a folder of whole pictures.</summary>
internal static class FindingReport
{
    public static string Json(FindingEvaluation result)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("pictures", result.Pictures);
            json.WriteNumber("faces", result.Faces);
            foreach (var (name, quality) in Rows(result))
            {
                json.WriteStartObject(name);
                Number("threshold", quality.Threshold / 100);
                Number("recall", quality.Recall);
                Number("precision", quality.Precision);
                Number("average_precision", quality.AveragePrecision);
                Number("false_alarms", quality.FalseAlarms);
                json.WriteEndObject();
            }
            json.WriteNumber("seconds_per_picture", Math.Round(result.SecondsPerPicture, 6));
            json.WriteEndObject();

            void Number(string name, double fraction)
            {
                if (double.IsFinite(fraction))
                    json.WriteNumber(name, Math.Round(100 * fraction, 4));
                else
                    json.WriteNull(name);
            }
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    public static void Print(
        FindingEvaluation result, LandmarkDetector detector, string data, int workers, TextWriter output)
    {
        var console = Terminal.On(output);
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("", "from", "recall %", "precision %", "AP %", "false alarms %");
        for (var i = 1; i < table.Columns.Count; i++)
            table.Columns[i].RightAligned();
        foreach (var (name, quality) in Rows(result))
        {
            table.AddRow(
                name, quality.Threshold.ToString("0.00", CultureInfo.InvariantCulture), Text(quality.Recall),
                Text(quality.Precision), Text(quality.AveragePrecision), Text(quality.FalseAlarms));
        }
        var (finder, model) = (detector.Finder.Name, detector.Model.Name);
        console.MarkupLineInterpolated(
            $"[bold]{finder}[/] and {model} on {data}: {result.Faces} faces in {result.Pictures} pictures");
        console.Write(table);
        console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture, $"{result.SecondsPerPicture * 1000:0.0} ms a picture, {workers} at a time");
    }

    private static (string Name, FindingQuality Quality)[] Rows(FindingEvaluation result) =>
        [("finder", result.Finder), ("detector", result.Detector)];

    private static string Text(double fraction) =>
        double.IsFinite(fraction) ? (100 * fraction).ToString("0.00", CultureInfo.InvariantCulture) : "-";
}

using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld evaluate --faces</c>: what is measured, as a table and as JSON.</summary>
/// <remarks>
/// A finder is judged by its own boxes, on which two finders can be compared: the landmarks' would say how well the
/// landmark model finds its way from a poor box. The detector, what a user sees, is judged by its landmarks' boxes.
/// </remarks>
internal sealed class FindingReport(
    string model, DetectorOptions options, CodeTrust trust, IReadOnlyList<FacePicture> pictures, int workers)
{
    // Of these longest sides the peer has the one at which it finds most.
    private static readonly int[] PeerSides = [320, 640, 960, 1280];

    private static readonly string[] Sizes = ["<12", "12-24", "24-48", "48-96", ">96"];

    private readonly List<Row> _rows = [];
    private FindingEvaluation? _upright;
    private (string Finder, string Model) _names;

    /// <summary>Measures upright, then turned, then another finder.</summary>
    /// <exception cref="InvalidDataException">A picture or a model is broken.</exception>
    public void Run(IReadOnlyList<float> turns, string? peer, bool quiet)
    {
        float[] all = [0, .. turns];
        var steps = pictures.Count * all.Length * (peer is null ? 1 : 1 + PeerSides.Length);
        Terminal.WithBar(steps, "pictures", tick =>
        {
            using (var detector = Load(options))
            {
                _names = (detector.Finder.Name, detector.Model.Name);
                foreach (var turn in all)
                {
                    var result = FindingEvaluation.Run(detector, pictures, turn, workers, tick);
                    _upright ??= result;
                    _rows.Add(new Row("finder", turn, null, result.Finder, _upright.Finder, result.SecondsToFind));
                    _rows.Add(new Row("detector", turn, null, result.Detector, _upright.Detector, null));
                }
            }
            if (peer is not null)
                Measure(peer, all, tick);
            return true;
        }, quiet);
    }

    /// <summary>One JSON object; shares in %.</summary>
    public string Json()
    {
        var json = new JsonObject
        {
            ["pictures"] = pictures.Count,
            ["faces"] = _upright!.Faces,
            ["search"] = options.Search,
        };
        foreach (var row in _rows.Where(r => r.Turn == 0))
            json[row.Name] = Of(row);
        json["seconds_per_picture"] = Math.Round(_upright.SecondsPerPicture, 6);
        json["turns"] = new JsonArray([.. _rows.Where(r => r.Turn != 0).GroupBy(r => r.Turn).Select(turn =>
        {
            var rows = new JsonObject { ["degrees"] = turn.Key };
            foreach (var row in turn)
                rows[row.Name] = Of(row);
            return rows;
        })]);
        return json.ToJsonString();

        static JsonObject Of(Row row)
        {
            var quality = row.Quality;
            var json = new JsonObject
            {
                ["threshold"] = EvaluationReport.Percent(quality.Threshold / 100),
                ["recall"] = EvaluationReport.Percent(quality.Recall),
                ["precision"] = EvaluationReport.Percent(quality.Precision),
                ["average_precision"] = EvaluationReport.Percent(quality.AveragePrecision),
                ["false_faces"] = quality.FalseFaces,
                ["false_alarms"] = EvaluationReport.Percent(quality.FalseAlarms),
                ["sizes"] = Shares(quality.Sizes),
                ["kinds"] = Shares(quality.Kinds),
            };
            if (row.Turn != 0)
                json["recall_of_upright"] = EvaluationReport.Percent(row.OfUpright);
            if (row.Seconds is { } seconds)
                json["seconds_to_find"] = Math.Round(seconds, 6);
            if (row.Side is { } side)
                json["longest_side"] = side;
            return json;
        }

        static JsonObject Shares(IReadOnlyDictionary<string, FoundShare> shares) =>
            new(shares.Select(s => KeyValuePair.Create<string, JsonNode?>(
                s.Key, new JsonObject { ["found"] = s.Value.Found, ["faces"] = s.Value.Known })));
    }

    /// <summary>Prints the table.</summary>
    public void Print(string data, TextWriter output)
    {
        var console = Terminal.On(output);
        var sizes = Sizes.Where(_upright!.Finder.Sizes.ContainsKey).ToArray();
        string[] upright = _rows.Any(r => r.Turn != 0) ? ["of upright"] : [];
        // Narrow enough for a terminal of 80 columns.
        var table = EvaluationReport.NewTable(["", "recall", .. sizes, .. upright, "AP", "false", "alarms", "ms"]);
        foreach (var row in _rows)
        {
            table.AddRow([
                Markup.Escape(row.Label),
                EvaluationReport.Text(row.Quality.Recall),
                .. sizes.Select(s =>
                    row.Quality.Sizes.TryGetValue(s, out var n) ? Whole(100.0 * n.Found / n.Known) : "-"),
                .. upright.Select(_ => row.Turn == 0 ? "" : EvaluationReport.Text(row.OfUpright)),
                EvaluationReport.Text(row.Quality.AveragePrecision),
                row.Quality.FalseFaces.ToString(CultureInfo.InvariantCulture),
                EvaluationReport.Text(row.Quality.FalseAlarms),
                row.Seconds is { } s ? Whole(1000 * s) : ""]);
        }
        var counts = $"{_upright.Faces} faces in {pictures.Count} pictures";
        console.MarkupLineInterpolated(
            $"[bold]{_names.Finder}[/] ({options.Search}) and {_names.Model} on {data}: {counts}");
        console.Write(table);
        console.WriteLine(
            "finder: by its own boxes and scores; detector: by its landmarks' boxes and their confidence. "
            + "Recall, also by size (longest side, pixels), and AP in %. alarms: % of the pictures without a face "
            + "where one is seen. ms: median of a search.");
        console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture,
            $"{_upright.SecondsPerPicture * 1000:0.0} ms a picture, {workers} at a time");

        static string Whole(double number) => number.ToString("0", CultureInfo.InvariantCulture);
    }

    private void Measure(string peer, float[] turns, Action? tick)
    {
        var best = new List<Row>();
        foreach (var side in PeerSides)
        {
            using var detector = Load(options with
            {
                FinderFile = peer,
                Search = "fast",
                LongestSide = side,
            });
            var rows = new List<Row>();
            foreach (var turn in turns)
            {
                var result = FindingEvaluation.Run(detector, pictures, turn, workers, tick);
                rows.Add(new Row(
                    "against", turn, side, result.Finder, rows.FirstOrDefault()?.Quality ?? result.Finder,
                    result.SecondsToFind));
            }
            if (best.Count == 0 || rows[0].Quality.Recall > best[0].Quality.Recall)
                best = rows;
        }
        _rows.AddRange(best);
    }

    private LandmarkDetector Load(DetectorOptions options) => ModelFolder.Load(
        model, options with { ScoreThreshold = FindingEvaluation.LowestScore }, trust);

    private sealed record Row(
        string Name, float Turn, int? Side, FindingQuality Quality, FindingQuality Upright, double? Seconds)
    {
        public double OfUpright => Quality.Recall / Upright.Recall;

        public string Label => Name + (Side is { } side ? $" at {side}" : "")
            + (Turn == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", turned {Turn:0.#}"));
    }
}

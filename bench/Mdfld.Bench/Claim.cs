using System.Globalization;
using Mdfld.Data;

namespace Mdfld.Bench;

/// <summary>
/// The paper's claim, docs/claim.md: detectors that learnt from different data, several seeds of each, compared face by face
/// with the first.
/// </summary>
internal static class Claim
{
    private static readonly string[] Sets = ["real-val", "art-val", "caricature-val", "cartoon-val"];

    /// <param name="data">The folder of the data sets.</param>
    /// <param name="detectors">Of each NAME=FILE,FILE...: model files of several seeds.</param>
    public static void Run(string data, string[] detectors)
    {
        var known = detectors.Select(d => d.Split('=', 2)).Select(d => (Name: d[0], Files: d[1].Split(','))).ToArray();
        var folders = Sets.Select(set => FaceFolder.Open(Path.Combine(data, set))).ToArray();
        Say($"| detector | {string.Join(" | ", Sets)} |");
        Say($"|---|{string.Concat(Sets.Select(_ => "---|"))}");
        double[][]? first = null;
        foreach (var (name, files) in known)
        {
            var errors = Array.ConvertAll(folders, folder => Errors(files, folder));
            first ??= errors;
            Say($"| {name} | {string.Join(" | ", errors.Zip(first, Cell))} |");
        }
    }

    /// <summary>Error of each face, a fraction: the mean over the files.</summary>
    private static double[] Errors(string[] files, FaceFolder folder)
    {
        var each = files.Select(file =>
        {
            using var detector = LandmarkDetector.Load(file, new DetectorOptions { Threads = 1 });
            return Evaluation.Run(detector, folder).All.Errors;
        }).ToArray();
        return [.. Enumerable.Range(0, folder.Faces.Count).Select(i => each.Average(e => e[i]))];
    }

    private static string Cell(double[] errors, double[] first)
    {
        var nme = string.Create(CultureInfo.InvariantCulture, $"{100 * errors.Average():0.00}");
        if (errors == first)
            return nme;
        var compared = PairedComparison.Of(errors, first)!;
        return string.Create(
            CultureInfo.InvariantCulture, $"{nme} [{Percent(compared.Low):+0.00;-0.00}, {Percent(compared.High):+0.00;-0.00}]");

        // What rounds to zero has no sign.
        static double Percent(double share) => Math.Round(100 * share, 2) + 0.0;
    }

    private static void Say(string line) => Console.WriteLine(line);
}

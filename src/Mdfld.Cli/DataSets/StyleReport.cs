using System.Globalization;
using System.Text.Json;
using Mdfld.Diffusion;

namespace Mdfld.Cli.DataSets;

/// <summary>Tells in which styles faces were seen.</summary>
internal static class StyleReport
{
    private const int Width = 4;

    /// <summary>The share that was named right in each set, then the matrix of the second.</summary>
    public static void Print(
        (string Path, StyleConfusion Seen) reference, (string Path, StyleConfusion Seen) looked, TextWriter output)
    {
        output.WriteLine($"{reference.Path}: {Words(reference.Seen)} (faces not learnt from)");
        output.WriteLine($"{looked.Path}: {Words(looked.Seen)}");
        var (styles, matrix) = (looked.Seen.Styles, looked.Seen.Matrix);
        var names = styles.Select((style, i) => $"{i + 1,2} {style}").ToArray();
        var widest = names.Max(n => n.Length);
        output.WriteLine();
        output.WriteLine("said, below; seen, to the right");
        output.WriteLine(new string(' ', widest) + Row(styles.Select((_, i) => i + 1)));
        foreach (var (i, name) in names.Index())
            output.WriteLine(name.PadRight(widest) + Row(Enumerable.Range(0, styles.Count).Select(j => matrix[i, j])));
    }

    /// <summary>One JSON object.</summary>
    public static string Json(StyleConfusion reference, StyleConfusion looked)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("styles");
            foreach (var style in looked.Styles)
                json.WriteStringValue(style);
            json.WriteEndArray();
            Write("reference", reference);
            Write("looked", looked);
            json.WriteEndObject();

            void Write(string name, StyleConfusion seen)
            {
                json.WriteStartObject(name);
                json.WriteNumber("faces", seen.Count);
                json.WriteNumber("accuracy", Math.Round(seen.Accuracy, 4));
                json.WriteNumber("chance", Math.Round(seen.Chance, 4));
                json.WriteStartArray("matrix");
                for (var i = 0; i < seen.Styles.Count; i++)
                {
                    json.WriteStartArray();
                    for (var j = 0; j < seen.Styles.Count; j++)
                        json.WriteNumberValue(seen.Matrix[i, j]);
                    json.WriteEndArray();
                }
                json.WriteEndArray();
                json.WriteEndObject();
            }
        }
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static string Words(StyleConfusion seen) => string.Create(
        CultureInfo.InvariantCulture,
        $"{100 * seen.Accuracy:0.0} % of {seen.Count} faces in the style they are said to be in; ")
        + FormattableString.Invariant($"blindly {100 * seen.Chance:0.0} %");

    private static string Row(IEnumerable<int> numbers) => string.Concat(
        numbers.Select(n => (n == 0 ? "." : n.ToString(CultureInfo.InvariantCulture)).PadLeft(Width)));
}

using System.Globalization;

namespace Mdfld.Training.Finder;

/// <summary>A whole picture, reduced to what training needs, and the boxes of its known faces.</summary>
/// <param name="Name">File name.</param>
/// <param name="Picture">The picture.</param>
/// <param name="Faces">Tight landmark boxes, pixels of <paramref name="Picture"/>.</param>
/// <param name="Complete">Whether every large face is known.</param>
internal sealed record LabelledPicture(string Name, Image Picture, FaceBox[] Faces, bool Complete)
{
    private const int LongestSide = 800;

    /// <summary>Reads a folder with <c>faces.tsv</c> (image, x, y, width, height) and <c>images/</c>.</summary>
    /// <exception cref="InvalidDataException">The list is malformed.</exception>
    /// <exception cref="IOException">A file is missing.</exception>
    public static LabelledPicture[] Load(string folder, CancellationToken stop)
    {
        var list = Path.Combine(folder, "faces.tsv");
        var faces = File.ReadLines(list).Skip(1).Where(line => line.Length > 0).Select((line, i) => Parse(line, i)).ToArray();
        try
        {
            return
            [
                .. faces.GroupBy(f => f.Name, f => f.Box).OrderBy(g => g.Key, StringComparer.Ordinal).ToArray()
                    .AsParallel().AsOrdered().WithCancellation(stop).Select(g => Reduce(folder, g.Key, g)),
            ];
        }
        catch (AggregateException e)
        {
            throw e.InnerException!;
        }

        (string Name, FaceBox Box) Parse(string line, int i)
        {
            var fields = line.Split('\t');
            var numbers = new float[4];
            var valid = fields.Length == 5 && fields[0].Length > 0 && !fields[0].Contains("..") && !Path.IsPathRooted(fields[0]);
            for (var k = 0; valid && k < 4; k++)
            {
                valid = float.TryParse(fields[k + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[k])
                    && float.IsFinite(numbers[k]);
            }
            return valid && numbers[2] > 0 && numbers[3] > 0
                ? (fields[0], new FaceBox(numbers[0], numbers[1], numbers[2], numbers[3]))
                : throw new InvalidDataException(
                    $"{list}, line {i + 2}: expected picture, x, y, width and height parted by tabs, found '{line}'");
        }
    }

    private static LabelledPicture Reduce(string folder, string name, IEnumerable<FaceBox> boxes)
    {
        var picture = Image.Load(Path.Combine(folder, "images", name));
        var s = Math.Min(1, LongestSide / (double)Math.Max(picture.Width, picture.Height));
        var t = (s - 1) / 2;
        var (width, height) = ((int)Math.Ceiling(picture.Width * s), (int)Math.Ceiling(picture.Height * s));
        // AFW labels every large face; HELEN one a picture.
        return new LabelledPicture(
            name,
            s == 1 ? picture : Warp.Apply(picture, Homography.Affine(s, 0, t, 0, s, t), width, height, Sampling.Antialiased),
            [.. boxes.Select(b => new FaceBox((float)((s * b.Left) + t), (float)((s * b.Top) + t), (float)(s * b.Width), (float)(s * b.Height)))],
            name.StartsWith("afw_", StringComparison.Ordinal));
    }
}

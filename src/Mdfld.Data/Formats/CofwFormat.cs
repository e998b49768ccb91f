using Mdfld.Hdf5;

namespace Mdfld.Data;

/// <summary>
/// The points of COFW (Burgos-Artizzu et al., 2013) as MATLAB keeps them: phisTr or phisT, a row a face: 29 x, 29 y, 29
/// flags of occlusion; pixels count from 1, as STAR uses them. The published files are of MATLAB 7.3 and hold the
/// pictures, too: IsTr or IsT, a cell a face, bytes of height x width, or height x width x 3 in colour. They are called
/// 000001.png, 000002.png, ...; without pictures inside, 000001.jpg, ... Only read.
/// </summary>
internal sealed class CofwFormat : AnnotationFormat
{
    private const int Columns = 3 * 29;
    private const int MostFaces = 100_000;

    private static readonly string[] Variables = ["phisTr", "phisT", "phis"];
    private static readonly string[] PictureVariables = ["IsTr", "IsT", "Is"];

    public CofwFormat()
        : base("cofw", "COFW: .mat of MATLAB with phisTr or phisT, and the pictures") => IsWritten = false;

    // What is no file of 300W-LP is said to be a broken one of COFW, rather than nothing.
    public override bool Recognises(string file) =>
        file.EndsWith(".mat", StringComparison.OrdinalIgnoreCase) && !Lp300WFormat.IsOne(file);

    public override Func<string, byte[]>? PicturesIn(string file)
    {
        var addresses = AnnotationText.At(file, () =>
        {
            using var stream = FileNames.Open(file);
            var hdf5 = Hdf5File.Is(stream) ? Hdf5File.Open(stream) : null;
            return PictureVariables.Select(name => hdf5?.Find(name)).FirstOrDefault(cells => cells is not null)
                ?.References(MostFaces);
        });
        return addresses is null ? null : name => ReadPicture(file, name, addresses);
    }

    internal override IEnumerable<ReadFace> Read(string file, Reading reading)
    {
        var matrix = AnnotationText.At(file, () =>
        {
            using var stream = FileNames.Open(file);
            return MatFile.Read(stream, Variables, MostFaces * Columns);
        });
        if (matrix.Columns != Columns)
        {
            throw new InvalidDataException(
                $"{file}: {matrix.Name} has {matrix.Columns} columns, "
                + $"expected {Columns}: x, y, occlusion of 29 points");
        }
        var hasPictures = PicturesIn(file) is not null;
        for (var row = 0; row < matrix.Rows; row++)
        {
            var name = $"{row + 1:000000}.{(hasPictures ? "png" : "jpg")}";
            var (where, at) = ($"{file}, row {row + 1}", row);
            foreach (var face in reading.One(where, () => new ReadFace(where, name, Points(matrix, at))))
                yield return face;
        }
    }

    private static Vector2[] Points(MatFile matrix, int row)
    {
        var count = LandmarkScheme.Cofw29.Count;
        return [.. Enumerable.Range(0, count).Select(
            i => AnnotationText.Point(matrix[row, i], matrix[row, i + count]))];
    }

    private static byte[] ReadPicture(string path, string name, ulong[] addresses)
    {
        if (!int.TryParse(Path.GetFileNameWithoutExtension(name), out var number) || number < 1
            || number > addresses.Length || name != $"{number:000000}.png")
            throw new FileNotFoundException($"{path}: no picture {name} in it", name);
        return AnnotationText.At($"{path}, picture {number}", () =>
        {
            using var stream = FileNames.Open(path);
            return Decode(Hdf5File.Open(stream).At(addresses[number - 1])).EncodePng();
        });
    }

    private static Picture Decode(Hdf5Dataset cell)
    {
        // MATLAB's order of dimensions is the reverse: columns lie together.
        var (channels, width, height) = cell.Shape switch
        {
            [var w, var h] => (1L, w, h),
            [3, var w, var h] => (3, w, h),
            var other => throw new FormatException($"{string.Join(" x ", other)} elements are no picture"),
        };
        if (cell.Class != Hdf5Class.Integer || cell.ElementBytes != 1 || width < 1 || height < 1)
            throw new FormatException("no picture of bytes");
        var bytes = cell.Bytes(Picture.DefaultMaxPixels * Picture.Channels);
        var image = new Picture((int)width, (int)height);
        for (var y = 0; y < height; y++)
        {
            var row = image.Row(y);
            for (var x = 0; x < width; x++)
            {
                for (var c = 0; c < Picture.Channels; c++)
                    row[(x * Picture.Channels) + c] = bytes[(((c % channels * width) + x) * height) + y];
            }
        }
        return image;
    }
}

/// <summary>
/// 300W-LP and AFLW2000 (Zhu et al., CVPR 2016): x.mat beside x.jpg with pt2d, (2, 68), or pt3d_68, (3, 68), whose
/// third row is a depth and left. AFLW2000's own pt2d has 21 points; pt3d_68 is read there.
/// </summary>
internal sealed class Lp300WFormat : PerPictureFormat
{
    private const int MostValues = 3 * 68;

    private static readonly string[] Variables = ["pt2d", "pt3d_68"];

    public Lp300WFormat()
        : base("300wlp", "300W-LP, AFLW2000: x.mat with pt2d or pt3d_68 beside x.jpg", ".mat") =>
        IsWritten = false;

    /// <summary>Whether a .mat file holds a face of this kind.</summary>
    public static bool IsOne(string file)
    {
        try
        {
            using var stream = FileNames.Open(file);
            return MatFile.Holds(stream, Variables);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            return false;
        }
    }

    public override bool Recognises(string file) => HasSuffix(file) && IsOne(file);

    protected override IEnumerable<ReadFace> ReadFaces(string file, string picture, Reading reading)
    {
        var matrix = Variables.Select(name =>
        {
            using var stream = FileNames.Open(file);
            return MatFile.Holds(stream, [name]) ? MatFile.Read(stream, [name], MostValues) : null;
        }).OfType<MatFile>().OrderByDescending(m => m.Columns == LandmarkScheme.Ibug68.Count).FirstOrDefault()
            ?? throw new FormatException("neither pt2d nor pt3d_68 in it");
        if (matrix.Rows is not (2 or 3))
            throw new FormatException($"{matrix.Name} is {matrix.Rows} x {matrix.Columns}, expected 2 or 3 rows");
        return [new ReadFace(file, picture, [.. Enumerable.Range(0, matrix.Columns)
            .Select(i => AnnotationText.Point(matrix[0, i], matrix[1, i]))])];
    }
}

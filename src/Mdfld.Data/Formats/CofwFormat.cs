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
        : base("cofw", "COFW: .mat of MATLAB with phisTr or phisT, and the pictures; only read") => IsWritten = false;

    public override bool Recognises(string file) => file.EndsWith(".mat", StringComparison.OrdinalIgnoreCase);

    public override Func<string, byte[]>? PicturesIn(string file)
    {
        var addresses = AnnotationText.At(file, () =>
        {
            using var stream = File.OpenRead(file);
            var hdf5 = Hdf5File.Is(stream) ? Hdf5File.Open(stream) : null;
            return PictureVariables.Select(name => hdf5?.Find(name)).FirstOrDefault(cells => cells is not null)
                ?.References(MostFaces);
        });
        return addresses is null ? null : name => ReadPicture(file, name, addresses);
    }

    public override IEnumerable<LabelledFace> Read(string file, string pictures)
    {
        var matrix = AnnotationText.At(file, () =>
        {
            using var stream = File.OpenRead(file);
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
            yield return AnnotationText.At($"{file}, row {row + 1}", () => Face(matrix, row, name));
        }
    }

    public override void Write(string folder, FaceSet set) =>
        throw new NotSupportedException("cofw is only read");

    private static LabelledFace Face(MatFile matrix, int row, string picture)
    {
        var count = LandmarkScheme.Cofw29.Count;
        var numbers = Enumerable.Range(0, count).SelectMany(i => (double[])[matrix[row, i], matrix[row, i + count]]);
        return LabelledFace.FromLandmarks(
            picture, AnnotationText.Points([.. numbers.Select(AnnotationText.Coordinate)]));
    }

    private static byte[] ReadPicture(string path, string name, ulong[] addresses)
    {
        if (!int.TryParse(Path.GetFileNameWithoutExtension(name), out var number) || number < 1
            || number > addresses.Length || name != $"{number:000000}.png")
            throw new FileNotFoundException($"{path}: no picture {name} in it", name);
        return AnnotationText.At($"{path}, picture {number}", () =>
        {
            using var stream = File.OpenRead(path);
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

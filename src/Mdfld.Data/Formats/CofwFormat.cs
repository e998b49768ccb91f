using System.Numerics;

namespace Mdfld.Data;

/// <summary>
/// The points of COFW (Burgos-Artizzu et al., 2013) as MATLAB keeps them: phisTr or phisT, a row a face: 29 x, 29 y, 29
/// flags of occlusion; pixels count from 1, as STAR uses them. The published files are of MATLAB 7.3 and hold the
/// pictures, too, which are called 000001.png, 000002.png, ...; without pictures inside, 000001.jpg, ... Only read.
/// </summary>
internal sealed class CofwFormat : IAnnotationFormat
{
    private const int Columns = 3 * 29;
    private const int MostFaces = 100_000;

    private static readonly string[] Variables = ["phisTr", "phisT", "phis"];

    public string Name => "cofw";

    public string Summary => "COFW: .mat of MATLAB with phisTr or phisT, and the pictures; only read";

    public bool KeepsStyles => false;

    public bool HasFileAPicture => false;

    public bool IsWritten => false;

    public bool Recognises(string file) => file.EndsWith(".mat", StringComparison.OrdinalIgnoreCase);

    public Func<string, byte[]>? PicturesIn(string file) => AnnotationText.At(file, () => CofwPictures.Of(file));

    public IEnumerable<LabelledFace> Read(string file, string pictures)
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
            var name = hasPictures ? CofwPictures.NameOf(row) : $"{row + 1:000000}.jpg";
            yield return AnnotationText.At($"{file}, row {row + 1}", () => Face(matrix, row, name));
        }
    }

    public void Write(string folder, FaceSet set) =>
        throw new NotSupportedException("cofw is only read");

    private static LabelledFace Face(MatFile matrix, int row, string picture)
    {
        var points = new Vector2[LandmarkScheme.Cofw29.Count];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = new Vector2(
                (float)AnnotationText.Coordinate(matrix[row, i]),
                (float)AnnotationText.Coordinate(matrix[row, i + points.Length]));
        }
        return LabelledFace.FromLandmarks(picture, points);
    }
}

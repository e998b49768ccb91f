using System.Numerics;

namespace Mdfld;

/// <summary>
/// The points of COFW (Burgos-Artizzu et al., 2013) as MATLAB keeps them: phisTr or phisT, a row a face: 29 x, 29 y, 29
/// flags of occlusion; pixels count from 1, as STAR uses them. Pictures are inside the .mat file and not taken out:
/// face i is called 000001.jpg, 000002.jpg, ... Only read.
/// </summary>
/// <remarks>
/// The published files are of MATLAB's version 7.3, which is HDF5 and is not read: in MATLAB or Octave
/// <c>load('COFW_train_color.mat', 'phisTr'); save('-v7', 'cofw.mat', 'phisTr')</c>.
/// </remarks>
internal sealed class CofwFormat : IAnnotationFormat
{
    private const int Columns = 3 * 29;
    private const int MostFaces = 100_000;

    private static readonly string[] Variables = ["phisTr", "phisT", "phis"];

    public string Name => "cofw";

    public string Summary => "COFW: .mat of MATLAB 5 to 7 with phisTr or phisT; only read";

    public bool KeepsStyles => false;

    public bool HasFileAPicture => false;

    public bool IsWritten => false;

    public bool Recognises(string file) => file.EndsWith(".mat", StringComparison.OrdinalIgnoreCase);

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
                $"{file}: {matrix.Name} has {matrix.Columns} columns, expected {Columns}: x, y, occlusion of 29 points");
        }
        for (var row = 0; row < matrix.Rows; row++)
            yield return AnnotationText.At($"{file}, row {row + 1}", () => Face(matrix, row));
    }

    public void Write(string folder, FaceSet set) =>
        throw new NotSupportedException("cofw is only read: its pictures are inside the file");

    private static LabelledFace Face(MatFile matrix, int row)
    {
        var points = new Vector2[LandmarkScheme.Cofw29.Count];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = new Vector2(
                (float)AnnotationText.Coordinate(matrix[row, i]),
                (float)AnnotationText.Coordinate(matrix[row, i + points.Length]));
        }
        return LabelledFace.FromLandmarks($"{row + 1:000000}.jpg", points);
    }
}

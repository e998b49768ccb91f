namespace Mdfld.Data;

/// <summary>
/// The metadata of STAR; see <see cref="MetadataFile"/>. The only format that keeps squares and five points.
/// </summary>
internal sealed class StarFormat : IAnnotationFormat
{
    private const int Columns = 6;

    public string Name => "star";

    public string Summary => "STAR: annotations.tsv and images/, as train and evaluate read it";

    public bool KeepsStyles => true;

    public bool HasFileAPicture => false;

    public bool IsWritten => true;

    public bool Recognises(string file) =>
        file.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase)
        && File.ReadLines(file).Take(1).Any(line => line.Count(c => c == '\t') >= Columns - 1);

    public IEnumerable<LabelledFace> Read(string file, string pictures) => MetadataFile.Read(file);

    public void Write(string folder, FaceSet set) =>
        MetadataFile.Write(Path.Combine(folder, "annotations.tsv"), set.Faces);
}

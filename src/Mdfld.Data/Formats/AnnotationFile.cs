using System.Text;
using System.Text.Json;

namespace Mdfld.Data;

/// <summary>Writing a file of annotations, whole or not at all.</summary>
internal static class AnnotationFile
{
    public static void WriteText(string path, Action<TextWriter> write) => AtomicFile.Write(path, stream =>
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        write(text);
    });

    public static void WriteJson(string path, Action<Utf8JsonWriter> write) => AtomicFile.Write(path, stream =>
    {
        using var json = new Utf8JsonWriter(stream);
        write(json);
    });

    /// <summary>Faces picture by picture, in the order of their first ones.</summary>
    public static IEnumerable<IGrouping<string, LabelledFace>> ByPicture(this FaceSet set) =>
        set.Faces.GroupBy(f => PicturePath.Check(f.ImagePath), StringComparer.Ordinal);
}

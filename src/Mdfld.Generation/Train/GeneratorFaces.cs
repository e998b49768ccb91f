using Mdfld.Generation.Dataset;
using Mdfld.Training;

namespace Mdfld.Generation;

/// <summary>A face to learn from, and the style its picture is in.</summary>
/// <param name="Picture">The file.</param>
/// <param name="Face">Its labels.</param>
/// <param name="Index">Number of the face in its folder.</param>
/// <param name="Style">A style of the book.</param>
internal sealed record GeneratorFace(string Picture, LabelledFace Face, int Index, Style Style);

/// <summary>Finds the faces that a recipe names.</summary>
internal static class GeneratorFaces
{
    /// <summary>Opens folders of faces; a face comes as often as its folder's entry says.</summary>
    /// <exception cref="DirectoryNotFoundException">A folder is in none of the roots.</exception>
    /// <exception cref="InvalidDataException">
    /// Annotations are malformed, or name a style that the book has not.
    /// </exception>
    public static GeneratorFace[] Open(
        IReadOnlyList<GeneratorData> data, IReadOnlyList<string> roots, StyleBook book) =>
        [.. data.SelectMany(d => Open(d, FaceFolder.Open(DataFolders.Find(d.Name, roots)), book))];

    private static IEnumerable<GeneratorFace> Open(GeneratorData data, FaceFolder folder, StyleBook book)
    {
        if (folder.Scheme != LandmarkScheme.Ibug68)
            throw new InvalidDataException($"{folder.Path}: its faces have {folder.Scheme}; expected 68 points");
        var faces = folder.Faces.Select((face, i) => new GeneratorFace(
            folder.ImagePath(face), face, i,
            StyleOf(data.Style ?? face.Style ?? "photo", folder, face, book))).ToArray();
        return Enumerable.Repeat(faces, data.Repeat).SelectMany(f => f);
    }

    private static Style StyleOf(string id, FaceFolder folder, LabelledFace face, StyleBook book) =>
        book.Styles.FirstOrDefault(s => s.Id == id)
        ?? throw new InvalidDataException(
            $"{folder.Path}: {face.ImagePath} is in the style '{id}', which {book.Source} has not; "
            + "give the folder's style in the recipe: data: [{ name: ..., style: ... }]");
}

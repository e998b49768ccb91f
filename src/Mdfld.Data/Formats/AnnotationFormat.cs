using System.Collections.Immutable;

namespace Mdfld.Data;

/// <summary>A way to write down where the landmarks of faces are: 300-W's .pts, COCO's JSON, ...</summary>
/// <remarks>
/// Files are read as they come from the world: nothing is allocated by a count a file claims, and what does not fit is
/// an <see cref="InvalidDataException"/> that names the file and the line or entry.
/// </remarks>
/// <param name="name">See <see cref="Name"/>.</param>
/// <param name="summary">See <see cref="Summary"/>.</param>
public abstract class AnnotationFormat(string name, string summary)
{
    /// <summary>All formats; each knows its own files from those of the others.</summary>
    public static ImmutableArray<AnnotationFormat> All { get; } =
    [
        new StarFormat(), new PtsFormat(), new LjsonFormat(), new WflwFormat(), new CofwFormat(), new CariFaceFormat(),
        new FaceSyntheticsFormat(), new CocoFormat(), new CvatFormat(), new LabelStudioFormat(), new CsvFormat(),
        new JsonFormat(),
    ];

    /// <summary>What the command line calls it: pts, coco, ...</summary>
    public string Name => name;

    /// <summary>One line about it: its source, and what a file holds.</summary>
    public string Summary => summary;

    /// <summary>Whether a face's <see cref="LabelledFace.Style"/> is written and read back.</summary>
    public bool KeepsStyles { get; protected init; }

    /// <summary>Whether a picture has a file of its own, so that many files make a set of faces.</summary>
    public bool HasFilePerPicture { get; protected init; }

    /// <summary>Whether it is written too, not only read.</summary>
    public bool IsWritten { get; protected init; } = true;

    /// <summary>The format with this <see cref="Name"/>, in any case.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static AnnotationFormat ByName(string name) =>
        All.FirstOrDefault(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException(
            $"no annotation format is called '{name}'; known are {string.Join(", ", All.Select(f => f.Name))}",
            nameof(name));

    /// <summary>Whether a file is of this format, by its name and, where that is not enough, its first lines.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public abstract bool Recognises(string file);

    /// <summary>Reads the faces of one file, one after another.</summary>
    /// <param name="file">The annotations.</param>
    /// <param name="pictures">The folder that the faces' <see cref="LabelledFace.ImagePath"/> are relative to.</param>
    /// <exception cref="InvalidDataException">The file is malformed, or names a picture outside the folder.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public abstract IEnumerable<LabelledFace> Read(string file, string pictures);

    /// <summary>
    /// The pictures inside a file of annotations, each as the bytes of a picture file by the face's
    /// <see cref="LabelledFace.ImagePath"/>; null where they lie beside it.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is malformed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public virtual Func<string, byte[]>? PicturesIn(string file) => null;

    /// <summary>
    /// Writes annotations into a folder: one file, or, where a picture has a file of its own, files in its
    /// <c>images/</c>. Pictures are not copied.
    /// </summary>
    /// <exception cref="ArgumentException">The format cannot hold these faces; the message says why.</exception>
    /// <exception cref="NotSupportedException">The format is only read.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public abstract void Write(string folder, FaceSet set);
}

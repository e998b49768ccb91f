namespace Mdfld.Data;

/// <summary>A way to write down where the landmarks of faces are: 300-W's .pts, COCO's JSON, ...</summary>
/// <remarks>
/// Files are read as they come from the world: nothing is allocated by a count a file claims, and what does not fit is
/// an <see cref="InvalidDataException"/> that names the file and the line or entry.
/// </remarks>
public interface IAnnotationFormat
{
    /// <summary>How the command line calls it: pts, coco, ...</summary>
    string Name { get; }

    /// <summary>One line about it: whose it is, and what a file holds.</summary>
    string Summary { get; }

    /// <summary>Whether a face's <see cref="LabelledFace.Style"/> is written and read back.</summary>
    bool KeepsStyles { get; }

    /// <summary>Whether a picture has a file of its own, so that many files make a set of faces.</summary>
    bool HasFileAPicture { get; }

    /// <summary>Whether it is written too, not only read.</summary>
    bool IsWritten { get; }

    /// <summary>Whether a file is of this format, by its name and, where that is not enough, its first lines.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    bool Recognises(string file);

    /// <summary>Reads the faces of one file, one after another.</summary>
    /// <param name="file">The annotations.</param>
    /// <param name="pictures">The folder that the faces' <see cref="LabelledFace.ImagePath"/> are relative to.</param>
    /// <exception cref="InvalidDataException">The file is malformed, or names a picture outside the folder.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    IEnumerable<LabelledFace> Read(string file, string pictures);

    /// <summary>
    /// The pictures inside a file of annotations, each as the bytes of a picture file by the face's
    /// <see cref="LabelledFace.ImagePath"/>; null where they lie beside it.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is malformed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    Func<string, byte[]>? PicturesIn(string file) => null;

    /// <summary>
    /// Writes annotations into a folder: one file, or, where a picture has a file of its own, files in its
    /// <c>images/</c>. Pictures are not copied.
    /// </summary>
    /// <exception cref="ArgumentException">The format cannot hold these faces; the message says why.</exception>
    /// <exception cref="NotSupportedException">The format is only read.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    void Write(string folder, FaceSet set);
}

using System.Collections.Immutable;

namespace Mdfld.Data;

/// <summary>A way to write down where the landmarks of faces are: 300-W's .pts, COCO's JSON, ...</summary>
/// <remarks>
/// Files are read as they come from the world: nothing is allocated by a count a file claims, and what does not fit is
/// an <see cref="InvalidDataException"/> that names the file and the line or entry. <see cref="FaceSet.Read"/> reads.
/// </remarks>
public abstract class AnnotationFormat
{
    private protected AnnotationFormat(string name, string summary) => (Name, Summary) = (name, summary);

    /// <summary>All formats; each knows its own files from those of the others.</summary>
    public static ImmutableArray<AnnotationFormat> All { get; } =
    [
        new StarFormat(), new PtsFormat(), new LjsonFormat(), new WflwFormat(), new CofwFormat(), new CariFaceFormat(),
        new FaceSyntheticsFormat(), new LapaFormat(), new HelenFormat(), new Lp300WFormat(), new CocoFormat(),
        new CvatFormat(), new LabelStudioFormat(), new LabelMeFormat(), new ViaFormat(), new DlibFormat(),
        new YoloFormat(), new TableFormat(), new HrnetFormat(), new OpenPoseFormat(), new MediaPipeFormat(),
        new JsonFormat(), new SvgFormat(),
    ];

    /// <summary>What the command line calls it: pts, coco, ...</summary>
    public string Name { get; }

    /// <summary>One line about it: its source, and what a file holds.</summary>
    public string Summary { get; }

    /// <summary>Whether a face's <see cref="LabelledFace.Style"/> is written and read back.</summary>
    public bool KeepsStyles { get; private protected init; }

    /// <summary>Whether a face some of whose points are missing can be written.</summary>
    public bool KeepsMissing { get; private protected init; }

    /// <summary>Whether a picture has a file of its own, so that many files make a set of faces.</summary>
    public bool HasFilePerPicture { get; private protected init; }

    /// <summary>Whether it is read.</summary>
    public bool IsRead { get; private protected init; } = true;

    /// <summary>Whether it is written.</summary>
    public bool IsWritten { get; private protected init; } = true;

    /// <summary>The number of the first point, where a file does not tell and the format's tool settles it.</summary>
    internal virtual int? FirstNumber => null;

    /// <summary>The format with this <see cref="Name"/>, in any case.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static AnnotationFormat ByName(string name) =>
        All.FirstOrDefault(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException(
            $"no annotation format is called '{name}'; known are {string.Join(", ", All.Select(f => f.Name))}",
            nameof(name));

    /// <summary>Whether a file is of this format, by its content as far as its name leaves that open.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public abstract bool Recognises(string file);

    /// <summary>Reads the faces of one file, one after another; entries that cannot be read are noted.</summary>
    /// <exception cref="InvalidDataException">The file is malformed; nothing after that place is read.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    internal abstract IEnumerable<ReadFace> Read(string file, Reading reading);

    /// <summary>
    /// The pictures inside a file of annotations, each as the bytes of a picture file by the face's
    /// <see cref="LabelledFace.ImagePath"/>; null where they lie beside it.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is malformed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public virtual Func<string, byte[]>? PicturesIn(string file) => null;

    /// <summary>
    /// Writes annotations into a folder: one file, or, where a picture has a file of its own, files in its
    /// <c>images/</c> or <c>labels/</c>. Pictures are not copied.
    /// </summary>
    /// <exception cref="ArgumentException">The format cannot hold these faces; the message says why.</exception>
    /// <exception cref="NotSupportedException">The format is only read.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    internal virtual void Write(string folder, FaceSet set) => throw new NotSupportedException($"{Name} is only read");

    /// <summary>The size of a face's picture.</summary>
    /// <exception cref="ArgumentException">There is no such picture.</exception>
    private protected (int Width, int Height) NeededSize(FaceSet set, LabelledFace face) =>
        set.SizeOf(face)
        ?? throw new ArgumentException($"{set.ImagePath(face)}: no such picture; {Name} needs its size");
}

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Mdfld.Generation.Dataset;

/// <summary>A labelled face that others are varied from.</summary>
/// <param name="Picture">File of its picture, or what a drawing is called.</param>
/// <param name="Landmarks">68 points, pixels of the picture.</param>
/// <param name="Deviation">Difference from the mean head in that pose, upright, eye distances.</param>
internal sealed record PoolFace(string Picture, Vector2[] Landmarks, HeadView Pose, Vector2[] Deviation)
{
    /// <summary>Draws the picture; null: it is a file.</summary>
    public Func<Picture>? Drawing { get; init; }

    public Picture LoadPicture() => Drawing?.Invoke() ?? FileNames.LoadPicture(Picture);
}

/// <summary>The labelled faces that samples are varied from: landmarks, and pictures to paint or redraw.</summary>
public sealed class LandmarkPool
{
    internal LandmarkPool(IReadOnlyList<PoolFace> faces, int leftOut, string hash) =>
        (Faces, LeftOut, Hash) = (faces, leftOut, hash);

    /// <summary>Faces that can be varied; at least one.</summary>
    internal IReadOnlyList<PoolFace> Faces { get; }

    public int Count => Faces.Count;

    /// <summary>Faces left out because their contours cross.</summary>
    public int LeftOut { get; }

    /// <summary>SHA-256 of the pictures' names and the landmarks, hexadecimal; of drawn faces the edition of the drawings.</summary>
    public string Hash { get; }

    /// <summary>Reads faces of 68 points (98 are turned into 68).</summary>
    /// <param name="paths">Files of annotations in any format, or folders that hold them.</param>
    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is malformed, has another number of points, or holds no face.
    /// </exception>
    public static LandmarkPool Read(IReadOnlyList<string> paths)
    {
        var faces = new List<PoolFace>();
        var leftOut = 0;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in paths)
        {
            var set = FaceSet.Read(path);
            if (set.Faces[0].Landmarks.Count is not (68 or 98) and var count)
                throw new InvalidDataException($"{path}: faces of {count} landmarks, expected 68 or 98");
            foreach (var face in set.Faces)
            {
                if (!face.IsComplete)
                {
                    leftOut++;
                    continue;
                }
                Vector2[] points = [.. face.To(LandmarkScheme.Ibug68).Landmarks];
                hash.AppendData(Encoding.UTF8.GetBytes(face.ImagePath + "\n"));
                hash.AppendData(MemoryMarshal.AsBytes<Vector2>(points));
                if (Prepare(set.ImagePath(face), points) is { } usable)
                    faces.Add(usable);
                else
                    leftOut++;
            }
        }
        if (faces.Count == 0)
            throw new InvalidDataException(
                $"{string.Join(", ", paths)}: no face of all points whose contours do not cross among {leftOut}");
        return new LandmarkPool(faces, leftOut, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Drawn faces, in the absence of labelled ones.</summary>
    public static LandmarkPool Drawn()
    {
        const int Drawings = 200, Size = 256;
        var faces = ParallelMap.Select([.. Enumerable.Range(0, Drawings)], i =>
            Prepare($"drawn {i}", Draw(i).Landmarks) is { } face ? face with { Drawing = () => Draw(i).Picture } : null);
        return new LandmarkPool([.. faces.OfType<PoolFace>()], 0, "drawn 2");

        static DrawnFace Draw(int i) => DrawnFaces.Draw(new Random(i), Size, DrawingStyle.Comic);
    }

    /// <summary>The first picture that does not exist; null where all do.</summary>
    public string? MissingPicture() =>
        Faces.Where(f => f.Drawing is null).Select(f => f.Picture).FirstOrDefault(p => !FileNames.IsFile(p));

    /// <summary>Folders of the pictures.</summary>
    public IEnumerable<string> PictureFolders() =>
        Faces.Select(f => Path.GetDirectoryName(f.Picture)).OfType<string>().Where(Directory.Exists).Distinct();

    private static PoolFace? Prepare(string picture, Vector2[] points)
    {
        ContourCheck.Untangle(points);
        if (ContourCheck.Problem(points) is not null)
            return null;
        var deviation = new Vector2[68];
        return HeadView.Fit(points, deviation) is { } pose ? new PoolFace(picture, points, pose, deviation) : null;
    }
}

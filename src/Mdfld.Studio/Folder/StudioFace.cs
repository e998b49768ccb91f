using System.Text.Json.Serialization;

namespace Mdfld.Studio;

/// <summary>Where a face's points come from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaceState>))]
internal enum FaceState
{
    /// <summary>A detector's, which nobody has looked at.</summary>
    Proposed,

    /// <summary>Corrected or accepted by a person, or read from the folder's annotations: a label.</summary>
    Labelled,
}

/// <summary>A face of a picture as the studio shows and keeps it.</summary>
/// <param name="Id">Its name among the faces of the picture: 1 to 40 letters, digits and '-'.</param>
/// <param name="Version">Grows by one with each change: who changes another than the newest is told.</param>
/// <param name="State">Where the points come from.</param>
/// <param name="Points">[x, y] of each point of the scheme, pixels of the upright picture.</param>
/// <param name="Hidden">Numbers of the points that are not seen: their place is a guess and no label.</param>
internal sealed record StudioFace(string Id, int Version, FaceState State, float[][] Points, int[] Hidden)
{
    /// <summary>The finder's detection score.</summary>
    public float Score { get; init; } = 1;

    /// <summary>Probability that the detector's points are right; null where no detector placed them.</summary>
    public float? Confidence { get; init; }

    /// <summary>Covariances [xx, xy, yy] of the detector's points, pixels squared; null as above.</summary>
    public float[][]? Uncertainty { get; init; }

    /// <summary>See <see cref="LabelledFace.Style"/>.</summary>
    public string? Style { get; init; }

    /// <summary>
    /// The mean error to expect, in % of the distance of the outer eye corners: what the covariances foretell, and 10 %
    /// weighed with the doubt that the face is found at all. 0 of a label.
    /// </summary>
    public double ExpectedError
    {
        get
        {
            if (State == FaceState.Labelled || Uncertainty is not { Length: > 0 } covariances)
                return State == FaceState.Labelled ? 0 : 10;
            var deviation = covariances.Average(c => Math.Sqrt(Math.Max(0, c[0] + c[2]) / 2));
            var eyes = Math.Max(1e-3, LandmarkScheme.ForCount(Points.Length).EyeDistance(Vectors));
            return Math.Min(100, (100 * deviation / eyes) + (10 * (1 - (Confidence ?? 0))));
        }
    }

    /// <summary>The points as vectors.</summary>
    [JsonIgnore]
    public Vector2[] Vectors => [.. Points.Select(p => new Vector2(p[0], p[1]))];

    /// <summary>What a detector found.</summary>
    public static StudioFace Of(Landmarks face, string? style = null) => new(
        Guid.NewGuid().ToString("N"), 1, FaceState.Proposed, [.. face.Points.Select(p => (float[])[p.X, p.Y])], [])
    {
        Score = face.Score,
        Confidence = face.Confidence,
        Uncertainty = face.Uncertainty.IsEmpty ? null
            : [.. face.Uncertainty.Select(u => (float[])[u.XX, u.XY, u.YY])],
        Style = style,
    };

    /// <summary>A label of the folder. A point that it lacks is hidden, and stands at the middle of the others.</summary>
    public static StudioFace Of(LabelledFace face)
    {
        var middle = face.Box.Centre;
        return new StudioFace(
            Guid.NewGuid().ToString("N"), 1, FaceState.Labelled,
            [.. face.Landmarks.Select(p => LabelledFace.IsMissing(p) ? middle : p).Select(p => (float[])[p.X, p.Y])],
            [.. face.Landmarks.Index().Where(p => LabelledFace.IsMissing(p.Item)).Select(p => p.Index)])
        {
            Style = face.Style,
        };
    }

    /// <summary>The face as a label: hidden points are missing.</summary>
    public LabelledFace ToLabel(string picture)
    {
        var points = Vectors;
        foreach (var hidden in Hidden)
            points[hidden] = LabelledFace.Missing;
        return LabelledFace.FromLandmarks(picture, points, Style);
    }

    /// <summary>The face as COCO has it: hidden points are where they were put, and marked.</summary>
    public LabelledFace ToPlaced(string picture)
    {
        var (points, label) = (Vectors, ToLabel(picture));
        // One that stands where missing ones are shown was put nowhere.
        var middle = label.Box.Centre;
        int[] hidden = [.. Hidden.Where(i => points[i] != middle).Order()];
        return label with
        {
            Landmarks = [.. label.Landmarks.Select((p, i) => hidden.Contains(i) ? points[i] : p)],
            Hidden = hidden,
        };
    }

    /// <summary>What is wrong with it, or null.</summary>
    /// <param name="count">Points of the scheme.</param>
    public string? Fault(int count)
    {
        if (Id is not { Length: > 0 and <= 40 } || !Id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            return "an id of other than 1 to 40 letters and digits";
        if (Points is null || Points.Length != count)
            return $"{Points?.Length ?? 0} points, expected {count}";
        if (Points.Any(p => p is not { Length: 2 } || !p.All(v => float.IsFinite(v) && MathF.Abs(v) < 1e6f)))
            return "a point that is not two numbers within a million pixels";
        if (Hidden is null || Hidden.Any(i => i < 0 || i >= count) || Hidden.Distinct().Count() == count)
            return "hidden points that are none, or all of them";
        if (Style is not null && (Style.Length is 0 or > 100 || Style.Any(char.IsControl)))
            return "a style that is not 1 to 100 characters";
        return Uncertainty is not null && (Uncertainty.Length != count || Uncertainty.Any(u => u is not { Length: 3 }))
            ? "covariances that are not three numbers a point" : null;
    }
}

/// <summary>The faces of a picture.</summary>
/// <param name="Looked">Whether a detector has searched it.</param>
/// <param name="Faces">Its faces.</param>
internal sealed record StudioPicture(bool Looked, IReadOnlyList<StudioFace> Faces);

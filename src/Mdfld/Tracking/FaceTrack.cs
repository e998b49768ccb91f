namespace Mdfld;

/// <summary>What a tracker knows of one face.</summary>
internal sealed class FaceTrack(int id, FaceAppearance? appearance)
{
    // A face that comes nearer is cropped otherwise.
    private const int MostOffsets = 9;

    // Of the way to what was learnt last, in each frame: a crop that jumps makes points jump.
    private const float OffsetRate = 0.15f;

    private readonly List<FaceExpression> _rest = [];
    // Two of none: what only some of the first crops show is chance.
    private readonly Queue<CropOffset> _offsets = new([default, default]);
    private CropOffset _learnt;
    private FaceSmoother? _smoother;

    public int Id { get; } = id;

    public FaceAppearance? Appearance { get; private set; } = appearance;

    /// <summary>When it was last seen, seconds.</summary>
    public double LastSeen { get; private set; }

    /// <summary>When it was first seen, or found again at another place.</summary>
    private double _since;

    /// <summary>
    /// How its crops lie about its points: the median of the last in which the detector alone found it, without jumps.
    /// </summary>
    public CropOffset Offset { get; private set; }

    /// <summary>Finder runs in a row that did not see it.</summary>
    public int Missed { get; set; }

    /// <summary>Where its points will be at a time; null where it was not followed into this frame.</summary>
    public Vector2[]? At(double time) => _smoother?.At(time);

    /// <summary>The next points of this face are elsewhere: after a cut, or when it was long hidden.</summary>
    public void Release() => _smoother = null;

    /// <summary>Takes a crop in which the detector alone has found the face, and that around its points there.</summary>
    public void LearnOffset(FaceCrop around, FaceCrop crop)
    {
        if (CropOffset.Of(around, crop) is not { } offset)
            return;
        _offsets.Enqueue(offset);
        if (_offsets.Count > MostOffsets)
            _offsets.Dequeue();
        _learnt = CropOffset.Median(_offsets);
    }

    /// <summary>Takes the face's points in a frame.</summary>
    /// <param name="seen">The points.</param>
    /// <param name="time">Seconds.</param>
    /// <param name="look">What it looks like; null where another face is in the way.</param>
    /// <param name="poseOf">Finds its pose.</param>
    /// <param name="restSeconds">So long after it appears a face is taken to be at rest; 0 for never.</param>
    public TrackedFace Update(Landmarks seen, double time, FaceAppearance? look, double restSeconds,
        Func<Landmarks, HeadPose?> poseOf)
    {
        if (_smoother is null)
            (_smoother, _since) = (new FaceSmoother(seen.Points.Length), _since == 0 ? time : _since);
        var smooth = seen with { Points = [.. _smoother.Update(seen.Points.AsSpan(), seen.Uncertainty.AsSpan(), time)] };
        LastSeen = time;
        Offset = Offset.Towards(_learnt, OffsetRate);
        if (look is not null)
            Appearance = Appearance?.With(look) ?? look;
        var pose = poseOf(smooth);
        return new TrackedFace(Id, seen, smooth)
        {
            Pose = pose,
            Expression = pose is null ? null : ExpressionOf(smooth, pose, time, restSeconds),
        };
    }

    private FaceExpression ExpressionOf(Landmarks face, HeadPose pose, double time, double restSeconds)
    {
        if (restSeconds > 0 && (time - _since <= restSeconds || _rest.Count == 0))
            _rest.Add(face.ExpressionIn(pose));
        return face.ExpressionIn(pose, _rest.Count > 0 ? FaceExpression.Neutral(_rest) : null);
    }
}

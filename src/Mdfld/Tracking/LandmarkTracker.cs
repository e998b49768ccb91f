namespace Mdfld;

/// <summary>
/// Follows faces through the frames of a video: each has a number that it keeps through crossings, short occlusions and
/// cuts, and points that are smoothed as much as they are uncertain. The face finder runs only where it is needed: at the
/// start, after a cut, while a face is missing, and now and then.
/// </summary>
/// <remarks>For one video and one thread; the detector stays the caller's, and may serve others.</remarks>
/// <param name="detector">Finds faces and their points.</param>
public sealed class LandmarkTracker(LandmarkDetector detector)
{
    // A face that was lost is looked for in every second frame, this long.
    private const double Searched = 2;

    // So long it is expected where it was going, within its own size and what it may have moved meanwhile: what goes behind
    // something seems to slow down. Sizes a second.
    private const double Expected = 1.5;
    private const float Speed = 2;

    // Faces of less likeness than this are different ones. One that is where it was expected may be half hidden still, so
    // that its looks say little.
    private const float Alike = 0.6f;
    private const float AlikeInPlace = -0.3f;

    // A likeness this much greater to another face says that two were taken for each other.
    private const float Exchanged = 0.15f;

    // Boxes of which this is shared are of one face; of less than this, far from each other.
    private const float SameFace = 0.45f;
    private const float Apart = 0.1f;

    // A crop that is off by more than this share of its side was at the wrong place.
    private const float Surprising = 0.01f;
    private const int MostLooks = 3;

    // What a model finds in one crop is partly chance: it is the mean of a crop smaller and one larger by this share.
    private const float Zoom = 0.04f;

    private readonly LandmarkDetector _detector = detector ?? throw new ArgumentNullException(nameof(detector));
    private readonly List<FaceTrack> _followed = [];
    private readonly List<FaceTrack> _lost = [];
    private readonly SceneCut _cut = new();
    private double _time = double.NegativeInfinity;
    private int _count;
    private int _sinceFinder;
    private int _interval;

    /// <summary>Most frames from one run of the face finder to the next, while no face is missing; at first they are fewer.</summary>
    public int FindEvery { get; init; } = 20;

    /// <summary>A face that has not been seen for so many seconds gets a new number when it comes back.</summary>
    public double RememberSeconds { get; init; } = 60;

    /// <summary>
    /// So many seconds after it appears each face is taken to be at rest, and its expression measured from the median of
    /// that time; 0 measures from the mean face.
    /// </summary>
    public double NeutralSeconds { get; init; }

    /// <summary>
    /// Focal length of the camera, pixels: poses are then found in full perspective, about the middle of the frame; null
    /// for weak perspective.
    /// </summary>
    public float? FocalLength { get; init; }

    /// <summary>Runs of the face finder so far.</summary>
    public int FinderRuns { get; private set; }

    /// <summary>Faces of the next frame, in the order of their numbers.</summary>
    /// <param name="frame">The frame; frames may differ in size.</param>
    /// <param name="time">When it is shown, seconds; later than the frame before.</param>
    /// <param name="stop">Ends the work.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not later than the frame before's.</exception>
    /// <inheritdoc cref="LandmarkDetector.Detect(Picture, CancellationToken)" path="/exception"/>
    public TrackedFace[] Track(Picture frame, double time, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (!(time > _time))
            throw new ArgumentOutOfRangeException(nameof(time), time, $"expected later than the frame before, {_time}");
        _time = time;
        _lost.RemoveAll(t => time - t.LastSeen > RememberSeconds);
        var isCut = _cut.Next(frame);
        if (isCut)
        {
            // Nothing is where it was.
            foreach (var track in _followed.ToArray())
                Lose(track);
            foreach (var track in _lost)
                track.Release();
        }

        var seen = Follow(frame, stop);
        ResolveDuplicates(seen);
        Exchange(seen);
        if (NeedsFinder(isCut))
            Find(frame, seen, stop);

        var faces = new List<TrackedFace>();
        foreach (var (track, face, look) in seen.OrderBy(s => s.Track.Id))
        {
            // What another face covers would teach the wrong looks.
            var isClear = seen.All(s => s.Track == track || s.Face.Box.IntersectionOverSmaller(face.Box) < Apart);
            faces.Add(track.Update(face, time, isClear ? look : null, NeutralSeconds, Pose));
        }
        return [.. faces];

        HeadPose? Pose(Landmarks face) => FocalLength is { } focal && face.Points.Length == HeadPose.MeanHead.Length
            ? HeadPose.Of(
                face.Points.AsSpan(), face.Uncertainty.AsSpan(), focal,
                new Vector2((frame.Width - 1) / 2f, (frame.Height - 1) / 2f))
            : face.Pose;
    }

    /// <summary>The followed faces in this frame, around where they are expected.</summary>
    private List<Seen> Follow(Picture frame, CancellationToken stop)
    {
        var seen = new List<Seen>();
        if (_followed.Count == 0)
            return seen;
        var crops = _followed.ConvertAll(t => CropOf(t, t.At(_time)!));
        var faces = Look(frame, crops, stop);
        // A face that is not where it was expected is looked at again.
        for (var look = 1; look < MostLooks; look++)
        {
            int[] surprising = [.. Enumerable.Range(0, faces.Length).Where(i =>
                IsUsable(faces[i]) && !crops[i].IsNear(Next(i), Surprising))];
            if (surprising.Length == 0)
                break;
            foreach (var i in surprising)
                crops[i] = Next(i);
            foreach (var (i, face) in surprising.Zip(Look(frame, [.. surprising.Select(i => crops[i])], stop)))
                faces[i] = face;
        }
        foreach (var (track, face) in _followed.ToArray().Zip(faces))
        {
            if (face.Confidence < Kept || !IsUsable(face))
                Lose(track);
            else
                seen.Add(new Seen(track, _detector.WithIrises(face, frame), FaceAppearance.Of(frame, face)));
        }
        return seen;

        // Of a face that its crop cut off what is found is too small, and in a crop as small again.
        FaceCrop Next(int i)
        {
            var next = CropOf(_followed[i], [.. faces[i].Points]);
            return next with { Side = MathF.Max(next.Side, crops[i].Side) };
        }

        FaceCrop CropOf(FaceTrack track, Vector2[] points) => track.Offset.On(Around(points));
    }

    /// <summary>The landmarks in each crop, the mean of a smaller and a larger one; irises are looked for once, afterwards.</summary>
    private Landmarks[] Look(Picture frame, IReadOnlyList<FaceCrop> crops, CancellationToken stop)
    {
        FaceCrop[] zoomed = [.. crops.SelectMany(c =>
            (FaceCrop[])[c with { Side = (1 - Zoom) * c.Side }, c with { Side = (1 + Zoom) * c.Side }])];
        return [.. _detector.Refine(frame, zoomed, 1, stop).Chunk(2).Zip(crops, (two, crop) => two[0] with
        {
            Crop = crop,
            Confidence = (two[0].Confidence + two[1].Confidence) / 2,
            Points = [.. two[0].Points.Zip(two[1].Points, (a, b) => (a + b) / 2)],
            Uncertainty = [.. two[0].Uncertainty.Zip(two[1].Uncertainty, (a, b) =>
                new PointCovariance((a.XX + b.XX) / 2, (a.XY + b.XY) / 2, (a.YY + b.YY) / 2))],
        })];
    }

    // A face that is followed needs less to be kept than one that is new.
    private float Kept => _detector.Threshold / 2;

    /// <summary>Two tracks on one face: it is the one's that it looks like, the other is hidden behind it.</summary>
    private void ResolveDuplicates(List<Seen> seen)
    {
        for (var i = 0; i < seen.Count; i++)
        {
            for (var k = seen.Count - 1; k > i; k--)
            {
                if (!IsSame(seen[i].Face.Box, seen[k].Face.Box))
                    continue;
                var loser = seen[i].OwnLikeness() >= seen[i].LikenessTo(seen[k].Track) ? k : i;
                Lose(seen[loser].Track);
                if (loser == i)
                    seen[i] = seen[k];
                seen.RemoveAt(k);
            }
        }
    }

    /// <summary>Two faces that have crossed and whose looks say that each has the other's number.</summary>
    private static void Exchange(List<Seen> seen)
    {
        for (var i = 0; i < seen.Count; i++)
        {
            for (var k = i + 1; k < seen.Count; k++)
            {
                var gain = seen[i].LikenessTo(seen[k].Track) + seen[k].LikenessTo(seen[i].Track)
                    - seen[i].OwnLikeness() - seen[k].OwnLikeness();
                if (gain < 2 * Exchanged)
                    continue;
                seen[i].Track.Release();
                seen[k].Track.Release();
                (seen[i], seen[k]) = (seen[i] with { Track = seen[k].Track }, seen[k] with { Track = seen[i].Track });
            }
        }
    }

    private bool NeedsFinder(bool isCut) =>
        isCut || _followed.Count == 0 || _sinceFinder++ >= Math.Min(_interval, FindEvery)
        || (_sinceFinder >= 2 && _lost.Exists(t => _time - t.LastSeen < Searched));

    private void Find(Picture frame, List<Seen> seen, CancellationToken stop)
    {
        _sinceFinder = 0;
        FinderRuns++;
        var detected = _detector.Finder.Find(frame, stop);
        LearnOffsets(frame, seen, detected, stop);
        // At first often, to learn how faces are cropped.
        _interval = Math.Min(2 * Math.Max(1, _interval), FindEvery);
        foreach (var (track, face, _) in seen.ToArray())
        {
            // A finder that does not see a face four times in a row where points are said to be: there is none.
            track.Missed = detected.Any(d => d.Box.IntersectionOverSmaller(face.Box) > Apart) ? 0 : track.Missed + 1;
            if (track.Missed < 4)
                continue;
            Lose(track);
            seen.RemoveAll(s => s.Track == track);
        }
        DetectedFace[] others = [.. detected.Where(d => !seen.Exists(s => IsSame(s.Face.Box, d.Box)))];
        if (others.Length == 0)
            return;
        var found = LandmarkDetector.Distinct(_detector.Detect(frame, others, stop))
            .Where(f => f.Confidence >= _detector.Threshold && IsUsable(f) && !seen.Exists(s => IsSame(s.Face.Box, f.Box)))
            .Select(f => (Face: f, Look: FaceAppearance.Of(frame, f))).ToList();
        // The likeliest pair of a lost face and a found one first.
        var pairs = found.SelectMany(f => _lost.Select(t => (f.Face, f.Look, Track: t, Score: Likelihood(t, f.Face, f.Look))))
            .Where(p => p.Score > 0).OrderByDescending(p => p.Score).ToArray();
        foreach (var (face, look, track, _) in pairs)
        {
            if (!_lost.Contains(track) || !found.Exists(f => f.Face == face))
                continue;
            _lost.Remove(track);
            found.RemoveAll(f => f.Face == face);
            Begin(track, face, look);
        }
        foreach (var (face, look) in found)
        {
            var track = new FaceTrack(++_count, look);
            // Of a face that is found again half hidden nothing is learnt.
            track.LearnOffset(Around([.. face.Points]), face.Crop);
            _interval = 1;
            Begin(track, face, look);
        }

        void Begin(FaceTrack track, Landmarks face, FaceAppearance? look)
        {
            track.Release();
            track.Missed = 0;
            _followed.Add(track);
            seen.Add(new Seen(track, face, look));
        }
    }

    /// <summary>Where the detector alone would have cropped the followed faces.</summary>
    private void LearnOffsets(Picture frame, List<Seen> seen, DetectedFace[] detected, CancellationToken stop)
    {
        var found = seen.Select(s => (s.Track, Box: detected.FirstOrDefault(d => IsSame(d.Box, s.Face.Box))))
            .Where(f => f.Box is not null).ToArray();
        if (found.Length == 0)
            return;
        foreach (var ((track, _), face) in found.Zip(_detector.Refine(frame, [.. found.Select(f => f.Box!)], stop)))
        {
            if (IsUsable(face))
                track.LearnOffset(Around([.. face.Points]), face.Crop);
        }
    }

    /// <summary>How likely a lost face is the found one; 0 where it is not.</summary>
    private float Likelihood(FaceTrack track, Landmarks face, FaceAppearance? look)
    {
        var likeness = look is null || track.Appearance is null ? 0 : track.Appearance.Similarity(look);
        var away = track.At(_time) is { } points && _time - track.LastSeen < Expected
            ? Vector2.Distance(FaceBox.Around(points).Centre, face.Box.Centre) / MathF.Max(face.Box.Width, face.Box.Height)
            : float.PositiveInfinity;
        var reach = 1 + (Speed * (float)(_time - track.LastSeen));
        return away < reach && likeness > AlikeInPlace ? 2 + likeness - (away / reach) : likeness > Alike ? likeness : 0;
    }

    private void Lose(FaceTrack track)
    {
        _followed.Remove(track);
        _lost.Add(track);
    }

    private FaceCrop Around(Vector2[] points)
    {
        var five = _detector.Scheme.FivePoints(points);
        return FaceCrop.Around(
            points, _detector.Model.CropFactor, five is { Length: 5 } ? FaceCrop.RollOf(five) : 0);
    }

    private static bool IsUsable(Landmarks face) => face.Box is { Width: > 2, Height: > 2 };

    private static bool IsSame(FaceBox a, FaceBox b) =>
        a.IntersectionOverUnion(b) > SameFace || a.IntersectionOverSmaller(b) > FaceBox.PartOfFace;

    /// <summary>A track and what was seen of it in this frame.</summary>
    private readonly record struct Seen(FaceTrack Track, Landmarks Face, FaceAppearance? Look)
    {
        public float OwnLikeness() => LikenessTo(Track);

        public float LikenessTo(FaceTrack track) =>
            Look is null || track.Appearance is null ? 0 : track.Appearance.Similarity(Look);
    }
}

using System.Diagnostics;
using System.Numerics;
using SkiaSharp;
using Xunit.Abstractions;

namespace Mdfld.Tests.Tracking;

/// <summary>
/// Drawn clips with known points through finder and detector: identities, jitter, lag and errors beside each frame alone.
/// </summary>
public sealed class LandmarkTrackerTests(ITestOutputHelper output)
{
    private const int Frames = 60;

    [Fact]
    public void EachFaceKeepsItsNumberAndIsNoWorseThanAlone()
    {
        var ratios = DrawnClips.Names.Select(Follow).ToArray();
        Assert.All(ratios, r => Assert.InRange(r, 0, 1.02));
    }

    /// <summary>Follows the faces of a clip; their error beside that of each frame alone.</summary>
    private double Follow(string name)
    {
        using var detector = LandmarkDetector.Create();
        var tracker = new LandmarkTracker(detector);
        var ids = new Dictionary<int, Dictionary<int, int>>();
        var (tracked, alone, visible, seen) = (new List<double>(), new List<double>(), 0, 0);
        var (smooth, raw, truth) = (Series(), Series(), Series());
        var (trackTime, aloneTime) = (TimeSpan.Zero, TimeSpan.Zero);
        // Each frame alone takes long: where only its mean error counts, every third.
        var every = name is "still" or "noisy" or "moving" ? 1 : 3;
        var unsmoothed = new List<double>();
        foreach (var (i, frame) in DrawnClips.Draw(name, Frames).Index())
        {
            var start = Stopwatch.GetTimestamp();
            var faces = tracker.Track(frame.Picture, frame.Time);
            trackTime += Stopwatch.GetElapsedTime(start);
            start = Stopwatch.GetTimestamp();
            var single = i % every == 0 ? detector.Detect(frame.Picture) : [];
            aloneTime += every * Stopwatch.GetElapsedTime(start);
            foreach (var truly in frame.Faces.Where(f => !f.IsHidden))
            {
                visible++;
                if (Nearest(truly, faces, f => f.Smooth) is not { } face)
                    continue;
                seen++;
                Count(ids, truly.Actor, face.Id);
                if (Nearest(truly, single, f => f) is not { } other)
                    continue;
                tracked.Add(Error(face.Smooth, truly));
                unsmoothed.Add(Error(face.Raw, truly));
                alone.Add(Error(other, truly));
                smooth[truly.Actor].Add([.. face.Smooth.Points]);
                raw[truly.Actor].Add([.. other.Points]);
                truth[truly.Actor].Add(truly.Landmarks);
            }
        }
        var (error, baseline) = (tracked.Average(), alone.Average());
        output.WriteLine($"{name}: seen {seen} of {visible}, numbers {string.Join("; ", ids.Select(i => $"{i.Key}: {Text(i.Value)}"))}; "
            + $"error {error:0.000} %, not smoothed {unsmoothed.Average():0.000} %, alone {baseline:0.000} %; finder in {tracker.FinderRuns} of {Frames} frames; "
            + $"{Frames / trackTime.TotalSeconds:0} frames/s, alone {Frames / aloneTime.TotalSeconds:0}");

        // One number a face, and no two faces of one number.
        Assert.All(ids.Values, counts => Assert.Single(counts));
        Assert.Equal(ids.Count, ids.Values.SelectMany(c => c.Keys).Distinct().Count());
        Assert.InRange(seen / (double)visible, 0.93, 1);
        if (name is "still" or "noisy")
        {
            var (before, after) = (0.0, 0.0);
            foreach (var actor in smooth.Keys.Where(k => smooth[k].Count > 0))
            {
                var (one, other) = (FaceSmootherTests.Jitter([.. raw[actor]]), FaceSmootherTests.Jitter([.. smooth[actor]]));
                output.WriteLine($"jitter of face {actor}: {one:0.000} to {other:0.000} pixels, {other / one:0.00}");
                (before, after) = (before + (one * one), after + (other * other));
            }
            // Of all faces of the clip together.
            Assert.InRange(Math.Sqrt(after / before), 0, 1 / 3.0);
        }
        if (name == "moving")
        {
            var lag = FaceSmootherTests.Lag([.. truth[0]], [.. smooth[0]]) - FaceSmootherTests.Lag([.. truth[0]], [.. raw[0]]);
            output.WriteLine($"lag {lag:0.00} frames");
            Assert.InRange(lag, -0.3, 1);
        }
        return error / baseline;
    }

    /// <summary>The finder is not asked in each frame, and a face that leaves is not kept where it was.</summary>
    [Fact]
    public void AFaceThatGoesIsGone()
    {
        using var detector = LandmarkDetector.Create();
        var tracker = new LandmarkTracker(detector);
        var frames = DrawnClips.Draw("still", 12).ToArray();
        Assert.All(frames, f => Assert.Equal(1, Assert.Single(tracker.Track(f.Picture, f.Time)).Id));
        // Often at first: frames 0, 2, 5, 10.
        Assert.Equal(4, tracker.FinderRuns);
        var empty = new Picture(480, 270);
        Assert.Empty(tracker.Track(empty, 1));
        Assert.Equal(1, Assert.Single(tracker.Track(frames[0].Picture, 2)).Id);
        Assert.Throws<ArgumentOutOfRangeException>(() => tracker.Track(empty, 2));
    }

    /// <summary>docs/tracking.jpg is what comes out; MDFLD_UPDATE=1 draws it anew.</summary>
    [Fact]
    public void TheDocumentShowsWhatComesOut()
    {
        using var detector = LandmarkDetector.Create();
        var tracker = new LandmarkTracker(detector);
        var strip = new Picture(3 * 480, 270);
        foreach (var (i, frame) in DrawnClips.Draw("crossing", 52).Index())
        {
            var faces = tracker.Track(frame.Picture, frame.Time);
            if (Array.IndexOf([6, 27, 51], i) is not (>= 0 and var place))
                continue;
            new Overlay().Draw(frame.Picture, faces.Select(f => f.Smooth));
            frame.Picture.Draw(canvas =>
            {
                using var paint = new SKPaint { IsStroke = true, IsAntialias = true };
                foreach (var face in faces)
                {
                    using var number = Overlay.Text($"{face.Id}", new(face.Smooth.Box.Left, face.Smooth.Box.Top - 26), 16);
                    (paint.StrokeWidth, paint.Color) = (8, SKColors.Black);
                    canvas.DrawPath(number, paint);
                    (paint.StrokeWidth, paint.Color) = (3, SKColors.White);
                    canvas.DrawPath(number, paint);
                }
            });
            for (var y = 0; y < 270; y++)
                frame.Picture.Row(y).CopyTo(strip.Row(y)[(place * 480 * Picture.Channels)..]);
        }
        var file = Path.Combine(TestFiles.RepositoryRoot, "docs", "tracking.jpg");
        if (Environment.GetEnvironmentVariable("MDFLD_UPDATE") == "1")
            strip.Save(file);
        var shown = Picture.Load(file);
        var difference = 0.0;
        for (var y = 0; y < 270; y++)
        {
            Span<byte> row = strip.Row(y), other = shown.Row(y);
            for (var x = 0; x < row.Length; x++)
                difference += Math.Abs(row[x] - other[x]);
        }
        Assert.InRange(difference / strip.Data.Length, 0, 4);
    }

    private static Dictionary<int, List<Vector2[]>> Series() => Enumerable.Range(0, 3).ToDictionary(i => i, _ => new List<Vector2[]>());

    private static void Count(Dictionary<int, Dictionary<int, int>> ids, int actor, int id)
    {
        var counts = ids.TryGetValue(actor, out var found) ? found : ids[actor] = [];
        counts[id] = counts.GetValueOrDefault(id) + 1;
    }

    private static string Text(Dictionary<int, int> counts) => string.Join(", ", counts.Select(c => $"{c.Key} x {c.Value}"));

    private static T? Nearest<T>(ClipFace truly, IEnumerable<T> faces, Func<T, Landmarks> points)
        where T : class =>
        faces.Where(f => points(f).Box.IntersectionOverUnion(FaceBox.Around(truly.Landmarks)) > 0.4f)
            .MinBy(f => Error(points(f), truly));

    /// <summary>Mean distance / that of the outer eye corners, %.</summary>
    private static double Error(Landmarks face, ClipFace truly) =>
        100 * Metrics.Nme(face.Points.AsSpan(), truly.Landmarks, LandmarkScheme.Ibug68);
}

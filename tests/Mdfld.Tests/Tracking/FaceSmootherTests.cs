using System.Numerics;
using Mdfld.Tests.Pose;
using Xunit.Abstractions;

namespace Mdfld.Tests.Tracking;

/// <summary>Smoothing of points with known noise: as still as asked at rest, and without lag in motion.</summary>
public sealed class FaceSmootherTests(ITestOutputHelper output)
{
    private const double Dt = 1 / 30.0;
    private const float Size = 100;
    private const int Settled = 30;

    // The face: 100 pixels wide.
    private static readonly Vector2[] Face =
        [.. HeadPose.MeanHead.ToArray().Select(p => (Size / 2.276f * new Vector2(p.X, p.Y)) + new Vector2(300, 200))];

    /// <summary>As models are: the jaw is less sure than the eyes, and along its line less than across.</summary>
    private static readonly PointCovariance[] Covariance =
        [.. Enumerable.Range(0, 68).Select(i => i < 17 ? new PointCovariance(4, 1, 9) : new PointCovariance(2, 0.3f, 2))];

    [Theory]
    [InlineData(0.05f)]
    [InlineData(0.3f)]
    public void AStillFaceIsStill(float share)
    {
        var truth = Still(240);
        var (raw, smooth) = Run(truth, share, 1);
        var (before, after) = (Jitter(raw), Jitter(smooth));
        output.WriteLine($"jitter {before:0.000} to {after:0.000} pixels: {after / before:0.00}");
        Assert.InRange(after / before, 0, 1 / 3.0);
    }

    /// <summary>Less lag than one-euro has at the same jitter, whatever its second parameter; under one frame.</summary>
    [Fact]
    public void AMovingFaceIsNotBehind()
    {
        const float Share = 0.1f;
        var ours = Jitter(Run(Still(240), Share, 2).Smooth);
        var moving = Moving(240);
        var lag = Lag(moving, Run(moving, Share, 3).Smooth);
        var best = double.MaxValue;
        foreach (var beta in (double[])[0, 0.001, 0.003, 0.01, 0.03, 0.1])
        {
            var cutoff = CutoffOf(ours, Share, beta);
            var euro = Euro(moving, Share, 3, cutoff, beta);
            var theirs = Lag(moving, euro);
            output.WriteLine($"one-euro, beta {beta}, cutoff {cutoff:0.000} Hz: {theirs:0.00} frames");
            best = Math.Min(best, theirs);
        }
        output.WriteLine($"ours: {lag:0.00} frames at a jitter of {ours:0.000} pixels");
        Assert.InRange(lag, -0.2, 1);
        Assert.True(lag < best, $"{lag} against {best}");
    }

    /// <summary>Lids that shut within three frames shut in the smoothed points, too.</summary>
    [Fact]
    public void ABlinkIsNotSmoothedAway()
    {
        var truth = Still(120);
        foreach (var (i, frame) in truth.Index())
        {
            var shut = Math.Clamp(1 - (Math.Abs(i - 60) / 4f), 0, 1);
            foreach (var (upper, lower) in ((int, int)[])[(37, 41), (38, 40), (43, 47), (44, 46)])
                frame[upper] = Vector2.Lerp(frame[upper], frame[lower], shut);
        }
        var (_, smooth) = Run(truth, 0.05f, 4);
        var open = Gap(smooth[40]);
        var least = smooth.Min(Gap);
        output.WriteLine($"gap {open:0.00} to {least:0.00} pixels");
        Assert.InRange(least / open, 0, 0.35);

        static float Gap(Vector2[] f) => ((f[41].Y - f[37].Y) + (f[40].Y - f[38].Y)) / 2;
    }

    /// <summary>Never more than 2 % worse than the frame alone, whatever the face does.</summary>
    [Theory]
    [InlineData("still")]
    [InlineData("moving")]
    [InlineData("shaking")]
    [InlineData("turning")]
    [InlineData("stopping")]
    public void TheErrorDoesNotGrow(string what)
    {
        var truth = what switch
        {
            "still" => Still(200),
            "moving" => Moving(200),
            "shaking" => Frames(200, t => 0.4f * Size * MathF.Sin(9 * t)),
            "stopping" => Frames(200, t => t is > 2 and < 3 ? 2 * Size * (t - 2) : t >= 3 ? 2 * Size : 0),
            _ => [.. Enumerable.Range(0, 200).Select(i => Heads.Seen(
                HeadPose.MeanHead, 40 * MathF.Sin(0.1f * i), 0, 10 * MathF.Sin(0.07f * i), Size / 2.276f, new(300, 200)))],
        };
        var (raw, smooth) = Run(truth, 0.2f, 5);
        var (before, after) = (Error(raw, truth), Error(smooth, truth));
        output.WriteLine($"{what}: error {before:0.000} to {after:0.000} pixels");
        Assert.InRange(after / before, 0, 1.02);
    }

    private static Vector2[][] Still(int frames) => Frames(frames, _ => 0);

    // Two face widths a second, there and back.
    private static Vector2[][] Moving(int frames) => Frames(frames, t => 3 * Size * (1 - MathF.Abs(((t / 1.5f) % 2) - 1)));

    private static Vector2[][] Frames(int count, Func<float, float> x) =>
        [.. Enumerable.Range(0, count).Select(i => Array.ConvertAll(Face, p => p + new Vector2(x((float)(i * Dt)), 0)))];

    /// <summary>Points with an error that stays, and noise that is this share of the covariance.</summary>
    private static (Vector2[][] Raw, Vector2[][] Smooth) Run(Vector2[][] truth, float share, int seed)
    {
        var raw = Noisy(truth, share, seed);
        var smoother = new FaceSmoother(68);
        return (raw, [.. raw.Select((f, i) => smoother.Update(f, Covariance, i * Dt))]);
    }

    private static Vector2[][] Noisy(Vector2[][] truth, float share, int seed)
    {
        var random = new Random(seed);
        var bias = Enumerable.Range(0, 68).Select(i => Draw(Covariance[i], 1 - share, random)).ToArray();
        return [.. truth.Select(f => f.Select((p, i) => p + bias[i] + Draw(Covariance[i], share, random)).ToArray())];
    }

    private static Vector2 Draw(PointCovariance c, float share, Random random)
    {
        var x = MathF.Sqrt(c.XX);
        var (a, b) = (c.XY / x, MathF.Sqrt(c.YY - (c.XY * c.XY / c.XX)));
        var (u, v) = (Heads.Normal(random), Heads.Normal(random));
        return MathF.Sqrt(share) * new Vector2(x * u, (a * u) + (b * v));
    }

    private static Vector2[][] Euro(Vector2[][] truth, float share, int seed, double cutoff, double beta)
    {
        var filter = new OneEuroFilter(cutoff, beta);
        return [.. Noisy(truth, share, seed).Select(f => filter.Update(f, Dt))];
    }

    /// <summary>The cutoff with which one-euro is as still as asked.</summary>
    private static double CutoffOf(double jitter, float share, double beta)
    {
        var (low, high) = (1e-4, 30.0);
        for (var i = 0; i < 24; i++)
        {
            var middle = Math.Sqrt(low * high);
            (low, high) = Jitter(Euro(Still(240), share, 2, middle, beta)) < jitter ? (middle, high) : (low, middle);
        }
        return low;
    }

    /// <summary>Root mean square of a point's distance from its own mean, of a face that stands still.</summary>
    internal static double Jitter(Vector2[][] frames)
    {
        var (sum, count) = (0.0, 0);
        for (var p = 0; p < frames[0].Length; p++)
        {
            var mean = frames[Settled..].Aggregate(Vector2.Zero, (s, f) => s + f[p]) / (frames.Length - Settled);
            foreach (var frame in frames[Settled..])
                (sum, count) = (sum + (frame[p] - mean).LengthSquared(), count + 1);
        }
        return Math.Sqrt(sum / count);
    }

    /// <summary>How many frames the points are behind: the regression of their mean error on the motion of a frame.</summary>
    internal static double Lag(Vector2[][] truth, Vector2[][] found)
    {
        var (product, square) = (0.0, 0.0);
        for (var i = Settled; i < truth.Length; i++)
        {
            var step = Mean(truth[i]) - Mean(truth[i - 1]);
            product += Vector2.Dot(Mean(truth[i]) - Mean(found[i]), step);
            square += step.LengthSquared();
        }
        return product / square;

        static Vector2 Mean(Vector2[] f) => f.Aggregate((a, b) => a + b) / f.Length;
    }

    private static double Error(Vector2[][] found, Vector2[][] truth) =>
        found.Zip(truth).SelectMany(f => f.First.Zip(f.Second)).Average(p => Vector2.Distance(p.First, p.Second));
}

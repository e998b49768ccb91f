using System.Buffers;
using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Mdfld;

/// <summary>Cuts squares out of pictures for a network and takes its answers back to the picture.</summary>
internal sealed class LandmarkCrops : IDisposable
{
    // Faces in one run of the network: more cost memory and gain nothing on a CPU.
    private const int LargestBatch = 8;

    private readonly LandmarkModel _model;
    private readonly bool _isMirrored;
    private readonly float[] _normalised = new float[256];

    public LandmarkCrops(LandmarkModel model, bool isMirrored)
    {
        (_model, _isMirrored) = (model, isMirrored);
        for (var i = 0; i < _normalised.Length; i++)
            _normalised[i] = (i - Model.Mean) / Model.Std;
    }

    /// <summary>What the model says about itself.</summary>
    public LandmarkModel Model => _model;

    /// <summary>The landmarks in each square, in their order; neither scored nor weighed.</summary>
    /// <exception cref="InvalidDataException">The model fails on this picture.</exception>
    public Landmarks[] Find(Picture picture, IReadOnlyList<FaceCrop> crops, CancellationToken stop)
    {
        var found = new Landmarks[crops.Count];
        var views = _isMirrored ? 2 : 1;
        var batch = Math.Min(crops.Count, LargestBatch / views);
        var planes = Picture.Channels * Model.Size * Model.Size;
        var buffer = ArrayPool<float>.Shared.Rent(batch * views * planes);
        try
        {
            for (var first = 0; first < found.Length; first += batch)
            {
                stop.ThrowIfCancellationRequested();
                var count = Math.Min(batch, found.Length - first);
                for (var i = 0; i < count; i++)
                {
                    var cut = buffer.AsSpan(i * views * planes, planes);
                    Cut(picture, crops[first + i], cut);
                    if (_isMirrored)
                        Mirror(cut, buffer.AsSpan(((i * views) + 1) * planes, planes));
                }
                Run(buffer.AsMemory(0, count * views * planes), crops, found.AsSpan(first, count), first, stop);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(buffer);
        }
        return found;
    }

    public void Dispose() => _model.Dispose();

    private void Cut(Picture image, FaceCrop crop, Span<float> planes)
    {
        var cut = image.Warp(crop.ToCrop(Model.Size), Model.Size, Model.Size, antialias: true);
        cut.ToPlanes(planes, _normalised, Model.IsBgr);
    }

    private void Mirror(ReadOnlySpan<float> planes, Span<float> mirrored)
    {
        planes.CopyTo(mirrored);
        for (var row = 0; row < mirrored.Length; row += Model.Size)
            mirrored.Slice(row, Model.Size).Reverse();
    }

    private void Run(Memory<float> planes, IReadOnlyList<FaceCrop> crops, Span<Landmarks> found, int first,
        CancellationToken stop)
    {
        var views = _isMirrored ? 2 : 1;
        var count = Model.Scheme.Count;
        Span<Vector2> units = new Vector2[found.Length * views * count];
        Span<PointCovariance> spreads = Model.HasCovariance ? new PointCovariance[units.Length] : [];
        _model.Run(planes, found.Length * views, units, spreads, stop);
        for (var i = 0; i < found.Length; i++)
        {
            var crop = crops[first + i];
            var at = i * views * count;
            if (_isMirrored)
                Average(units.Slice(at, 2 * count), Model.HasCovariance ? spreads.Slice(at, 2 * count) : []);
            found[i] = new Landmarks(Model.Scheme, ToPicture(units.Slice(at, count), crop), crop)
            {
                Uncertainty = Model.HasCovariance ? ToPicture(spreads.Slice(at, count), crop) : [],
            };
        }
    }

    /// <summary>
    /// Takes the mirror image's points back and leaves the means in the first half; how far the two are apart widens
    /// the spread. The mean position of the points stays that of the first view: a network that has learnt that
    /// labels lie a little to one side has learnt it for the mirror image, too, where it is the other side.
    /// </summary>
    private void Average(Span<Vector2> points, Span<PointCovariance> spreads)
    {
        var count = Model.Scheme.Count;
        var side = 0f;
        foreach (var p in points)
            side += p.X / count;
        for (var i = 0; i < count; i++)
        {
            var twin = count + Model.Scheme.MirrorPermutation[i];
            var other = (points[twin] * new Vector2(-1, 1)) + new Vector2(side, 0);
            var apart = (points[i] - other) / 2;
            points[i] = (points[i] + other) / 2;
            if (spreads.IsEmpty)
                continue;
            var (one, two) = (spreads[i], spreads[twin]);
            spreads[i] = new PointCovariance(
                ((one.XX + two.XX) / 2) + (apart.X * apart.X),
                ((one.XY - two.XY) / 2) + (apart.X * apart.Y),
                ((one.YY + two.YY) / 2) + (apart.Y * apart.Y));
        }
    }

    private ImmutableArray<Vector2> ToPicture(ReadOnlySpan<Vector2> units, FaceCrop crop)
    {
        var toPicture = crop.ToCrop(Model.Size).Invert();
        var points = new Vector2[units.Length];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = toPicture.Apply((((units[i] + Vector2.One) * Model.Size) - Vector2.One) / 2);
            if (!float.IsFinite(points[i].X) || !float.IsFinite(points[i].Y))
                throw new InvalidDataException($"{Model.Name}: the model's point {i} is not a number");
        }
        return ImmutableCollectionsMarshal.AsImmutableArray(points);
    }

    private static ImmutableArray<PointCovariance> ToPicture(ReadOnlySpan<PointCovariance> units, FaceCrop crop)
    {
        var covariances = new PointCovariance[units.Length];
        for (var i = 0; i < covariances.Length; i++)
            covariances[i] = units[i].Turned(crop.Roll, crop.Side / 2);
        return ImmutableCollectionsMarshal.AsImmutableArray(covariances);
    }
}

using System.Buffers;
using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Mdfld;

/// <summary>
/// Finds the landmarks of faces with an ONNX model. One detector serves any number of threads at once.
/// </summary>
/// <remarks>
/// The model: input <c>image</c> (N, 3, S, S), output <c>landmarks</c> (N, P, 2) in network units; u in [-1, 1] is the
/// crop's pixel ((u + 1) S - 1) / 2 (STAR, align_corners false). How bytes become its input, and how wide a crop it
/// wants, stands in the file: <see cref="Model"/>.
/// </remarks>
public sealed class LandmarkDetector : IDisposable
{
    // Faces in one run of the network: more cost memory and gain nothing on a CPU.
    private const int LargestBatch = 8;

    // Crops this small, or found so far away, hold no face; a model that asks for one has lost it.
    private const float SmallestSide = 4;
    private const float LargestReach = 1e6f;

    private readonly LandmarkNetwork _network;
    private readonly int _passes;
    private readonly float[] _normalised = new float[256];

    private LandmarkDetector(LandmarkNetwork network, int passes)
    {
        (_network, _passes) = (network, passes);
        for (var i = 0; i < _normalised.Length; i++)
            _normalised[i] = (i - Model.Mean) / Model.Std;
    }

    /// <summary>What the model says about itself.</summary>
    public LandmarkModel Model => _network.Model;

    /// <summary>Loads a model.</summary>
    /// <param name="path">An .onnx file written by Mdfld.</param>
    /// <param name="options">How it runs.</param>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">The file is no landmark model.</exception>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public static LandmarkDetector Load(string path, LandmarkDetectorOptions? options = null)
    {
        options ??= new LandmarkDetectorOptions();
        Check(options);
        return Over(OnnxNetwork.Load(path, options.Threads), options);
    }

    /// <summary>A detector round a network of any engine, which it then owns.</summary>
    internal static LandmarkDetector Over(LandmarkNetwork network, LandmarkDetectorOptions? options = null)
    {
        options ??= new LandmarkDetectorOptions();
        Check(options);
        return new LandmarkDetector(network, options.Passes);
    }

    /// <summary>
    /// Finds the landmarks of the face that fills the picture: first looks at all of it, then again at the square round
    /// what was found (<see cref="LandmarkDetectorOptions.Passes"/>).
    /// </summary>
    /// <exception cref="InvalidDataException">The model fails on this picture.</exception>
    public Landmarks Detect(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var centre = new Vector2((image.Width - 1) / 2f, (image.Height - 1) / 2f);
        return Detect(image, new FaceCrop(centre, Math.Max(image.Width, image.Height)), _passes);
    }

    /// <summary>Finds the landmarks of one face in its box.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="box">The tight box of its landmarks, as near as it is known.</param>
    /// <exception cref="ArgumentException">The box is empty or not finite.</exception>
    /// <exception cref="InvalidDataException">The model fails on this picture.</exception>
    public Landmarks Detect(Image image, FaceBox box) => Detect(image, [box])[0];

    /// <summary>Finds the landmarks of several faces in their boxes, one look each.</summary>
    /// <param name="image">The picture; boxes may reach beyond it, where all is black.</param>
    /// <param name="boxes">The tight boxes of their landmarks, as near as they are known.</param>
    /// <returns>One face for each box, in their order.</returns>
    /// <exception cref="ArgumentException">A box is empty or not finite; nothing has been looked at.</exception>
    /// <exception cref="InvalidDataException">The model fails on this picture.</exception>
    public Landmarks[] Detect(Image image, IReadOnlyList<FaceBox> boxes)
    {
        ArgumentNullException.ThrowIfNull(boxes);
        var crops = new FaceCrop[boxes.Count];
        for (var i = 0; i < crops.Length; i++)
        {
            var box = boxes[i];
            crops[i] = box.ToCrop(Model.CropFactor);
            if (!(box.Width > 0 && box.Height > 0 && crops[i].IsUsable))
                throw new ArgumentException($"box {i} is empty or not finite: {box}", nameof(boxes));
        }
        return Detect(image, crops);
    }

    /// <summary>Finds the landmarks in a square of the picture.</summary>
    /// <param name="image">The picture; the square may reach beyond it, where all is black.</param>
    /// <param name="crop">The square; <see cref="LandmarkModel.CropFactor"/> says how wide the model likes it.</param>
    /// <param name="passes">Further passes cut the square round what the last one found.</param>
    /// <exception cref="InvalidDataException">The model fails on this picture.</exception>
    public Landmarks Detect(Image image, FaceCrop crop, int passes = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(passes, 1);
        var found = Detect(image, [crop])[0];
        for (var pass = 1; pass < passes; pass++)
        {
            var next = found.Box.ToCrop(Model.CropFactor);
            if (!(next.Side >= SmallestSide && next.Side + next.Centre.Length() < LargestReach))
                break;
            found = Detect(image, [next])[0];
        }
        return found;
    }

    /// <summary>Finds the landmarks in several squares of a picture.</summary>
    /// <returns>One face for each square, in their order.</returns>
    /// <exception cref="InvalidDataException">The model fails on this picture.</exception>
    public Landmarks[] Detect(Image image, IReadOnlyList<FaceCrop> crops)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(crops);
        var found = new Landmarks[crops.Count];
        var batch = Math.Min(crops.Count, LargestBatch);
        var planes = Image.Channels * Model.Size * Model.Size;
        var buffer = ArrayPool<float>.Shared.Rent(batch * planes);
        try
        {
            for (var first = 0; first < found.Length; first += batch)
            {
                var count = Math.Min(batch, found.Length - first);
                for (var i = 0; i < count; i++)
                    Cut(image, crops[first + i], buffer.AsSpan(i * planes, planes));
                Run(buffer.AsMemory(0, count * planes), crops, found.AsSpan(first, count), first);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(buffer);
        }
        return found;
    }

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    private static void Check(LandmarkDetectorOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads, nameof(options.Threads));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Passes, 1, nameof(options.Passes));
    }

    private void Cut(Image image, FaceCrop crop, Span<float> planes)
    {
        var cut = Warp.Apply(image, crop.ToCrop(Model.Size), Model.Size, Model.Size, Sampling.Antialiased);
        var area = Model.Size * Model.Size;
        var (red, blue) = Model.IsBgr ? (2, 0) : (0, 2);
        var reds = planes.Slice(red * area, area);
        var greens = planes.Slice(area, area);
        var blues = planes.Slice(blue * area, area);
        var pixels = MemoryMarshal.Cast<byte, Rgb>(cut.Data)[..area];
        for (var i = 0; i < pixels.Length; i++)
        {
            var pixel = pixels[i];
            reds[i] = _normalised[pixel.R];
            greens[i] = _normalised[pixel.G];
            blues[i] = _normalised[pixel.B];
        }
    }

    private void Run(Memory<float> planes, IReadOnlyList<FaceCrop> crops, Span<Landmarks> found, int first)
    {
        var count = Model.Scheme.Count;
        Span<Vector2> units = new Vector2[found.Length * count];
        _network.Run(planes, found.Length, units);
        for (var i = 0; i < found.Length; i++)
        {
            var crop = crops[first + i];
            found[i] = new Landmarks(Model.Scheme, ToPicture(units.Slice(i * count, count), crop), crop);
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
                throw new InvalidDataException($"{_network.Path}: the model's point {i} is not a number");
        }
        return ImmutableCollectionsMarshal.AsImmutableArray(points);
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private readonly struct Rgb
    {
        public readonly byte R;
        public readonly byte G;
        public readonly byte B;
    }
}

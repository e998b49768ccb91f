using System.Buffers;
using System.Numerics;
using Microsoft.ML.OnnxRuntime;

namespace Mdfld;

/// <summary>
/// Detects the faces of a picture with an ONNX model: Mdfld's own, or YuNet's. One finder serves any number of threads
/// at once.
/// </summary>
public sealed class FaceFinder : IDisposable
{
    // Further cells above the threshold are left: a model that detects more faces than these detects none.
    private const int MostCandidates = 4000;

    private readonly OnnxSession? _session;
    private readonly FinderModel _model;
    private readonly DetectorOptions _options;
    private readonly string _path;
    private readonly string[] _inputs;
    private readonly float[] _normalised = new float[256];

    private FaceFinder(OnnxFile file, DetectorOptions options, bool open)
    {
        (_path, _options) = (file.Name, options);
        options.Check();
        _model = FinderModel.Describe(file);
        _session = open ? OnnxSession.Open(file, options) : null;
        _inputs = [_model.Input];
        for (var i = 0; i < _normalised.Length; i++)
            _normalised[i] = (i - _model.Layout.Mean) / _model.Layout.Std;
    }

    /// <summary>Whether no native session is open.</summary>
    internal bool IsClosed => _session?.IsClosed ?? true;

    /// <summary>What the model is called.</summary>
    public string Name => _model.Name;

    /// <summary>The detection score from which a face is kept.</summary>
    public float Threshold => _options.ScoreThreshold ?? DefaultThreshold;

    /// <summary>The same, unless the options say otherwise.</summary>
    public float DefaultThreshold => _model.Threshold;

    /// <summary>Loads a model.</summary>
    /// <param name="path">An .onnx file: a finder of Mdfld, or YuNet with its twelve outputs.</param>
    /// <param name="options">How faces are searched.</param>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">The file is no such model.</exception>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    /// <exception cref="NotSupportedException">The device is not there.</exception>
    public static FaceFinder Load(string path, DetectorOptions? options = null) =>
        new(OnnxFile.Read(path), options ?? new DetectorOptions(), open: true);

    /// <summary>Loads a model from memory.</summary>
    /// <param name="onnx">The bytes of such a file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">How faces are searched.</param>
    /// <inheritdoc cref="Load(string, DetectorOptions?)" path="/exception"/>
    public static FaceFinder Load(byte[] onnx, string name, DetectorOptions? options = null) =>
        new(OnnxFile.Read(onnx, name), options ?? new DetectorOptions(), open: true);

    /// <summary>Reads what a model says about itself, without building it: <see cref="Find"/> throws.</summary>
    /// <inheritdoc cref="Load(string, DetectorOptions?)"/>
    public static FaceFinder ReadHeader(string path) =>
        new(OnnxFile.Read(path), new DetectorOptions(), open: false);

    /// <summary>Detects the faces of a picture.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="stop">Ends the search.</param>
    /// <returns>Those of the highest detection score first; none where there are none.</returns>
    /// <exception cref="InvalidDataException">The model fails on this picture.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    /// <exception cref="ObjectDisposedException">The finder was disposed.</exception>
    public DetectedFace[] Find(Picture picture, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var candidates = new List<DetectedFace>();
        var (source, toSource) = (picture, Homography.Identity);
        foreach (var level in FinderPyramid.Of(picture.Width, picture.Height, _model, _options))
        {
            // A coarser level is made of the finer one: the picture itself is read once.
            var input = source.Warp(level.FromPicture * toSource.Invert(), level.Width, level.Height, antialias: true);
            Search(input, level, candidates, stop);
            (source, toSource) = (input, level.FromPicture);
        }
        var faces = DetectedFace.Merge(candidates, _options.Overlap);
        faces.RemoveAll(f => Math.Max(f.Box.Width, f.Box.Height) < _options.MinimumFace);
        return [.. faces];
    }

    /// <summary>Ends the model: calls under way end as they would, later ones throw.</summary>
    public void Dispose() => _session?.Dispose();

    private void Search(
        Picture input, in PyramidLevel level, List<DetectedFace> candidates, CancellationToken stop)
    {
        var session = _session ?? throw new InvalidOperationException($"{_path}: only its header was read");
        var area = input.Width * input.Height;
        var buffer = ArrayPool<float>.Shared.Rent(Picture.Channels * area);
        try
        {
            var planes = buffer.AsMemory(0, Picture.Channels * area);
            input.ToPlanes(planes.Span, _normalised, _model.Layout.IsBgr);
            using var tensor = OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, planes, [1, Picture.Channels, input.Height, input.Width]);
            using var results = session.Run(_inputs, [tensor], _model.Layout.Outputs, stop);
            var first = 0;
            foreach (var stride in FinderLayout.Strides)
            {
                Read(results, first, stride, level, candidates);
                first += _model.Layout.OutputsPerStride;
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(buffer);
        }
    }

    private void Read(
        IReadOnlyList<OrtValue> results, int first, int stride, in PyramidLevel level,
        List<DetectedFace> candidates)
    {
        var layout = _model.Layout;
        var columns = level.Width / stride;
        var cells = columns * (level.Height / stride);
        var scores = Output(results, first, cells);
        var others = Output(results, first + 1, cells);
        var boxes = Output(results, first + layout.OutputsPerStride - 2, cells);
        var points = Output(results, first + layout.OutputsPerStride - 1, cells);
        var (threshold, reach) = (Threshold, 4f * Math.Max(level.Width, level.Height));
        var back = 1 / (float)level.Scale;
        for (var cell = 0; cell < cells; cell++)
        {
            var score = layout.Score(scores, others, cell);
            if (!(score >= threshold && score <= 1))
                continue;
            var candidate = layout.Decode(boxes, points, cell, cells, columns, stride, score);
            if (candidate.IsUsable(reach) && candidates.Count < MostCandidates)
                candidates.Add(candidate.Moved(back, -level.Shift * back));
        }
    }

    private ReadOnlySpan<float> Output(IReadOnlyList<OrtValue> results, int index, int cells)
    {
        var expected = cells * _model.Layout.NumbersOf(index % _model.Layout.OutputsPerStride);
        var values = results[index].GetTensorDataAsSpan<float>();
        return values.Length == expected ? values : throw new InvalidDataException(
            $"{_path}: output '{_model.Layout.Outputs[index]}' has {values.Length} numbers, expected {expected}");
    }
}

/// <summary>
/// The image pyramid of a finder: a level fine enough for the smallest faces, and coarser ones until a face that fills
/// the picture is one it knows. Each lies in a black frame, so that faces cut by the border are full cells away from
/// the edge.
/// </summary>
internal static class FinderPyramid
{
    // Of the largest face a finder knows: a picture of this size needs no coarser level.
    private const float CoarsestShare = 0.6f;

    // From one level to the next; a finder knows faces over a range of 30.
    private const float Step = 4;

    // A coarser level must be worth it.
    private const float LeastStep = 1.3f;

    // Around a picture, at least so many pixels and this share of its longest side, up to a limit.
    private const int SmallestFrame = 8;
    private const int LargestFrame = 32;
    private const float FrameShare = 0.12f;

    /// <summary>The levels, the finest first.</summary>
    public static List<PyramidLevel> Of(int width, int height, FinderModel model, DetectorOptions options)
    {
        var longest = (double)Math.Max(width, height);
        var scale = Math.Min(1, Math.Min(
            options.LongestSide / longest, Math.Max(1e-3, model.MinimumFace / options.MinimumFace)));
        var coarsest = Math.Min(scale, CoarsestShare * model.MaximumFace / longest);
        var levels = new List<PyramidLevel> { At(scale, width, height, model) };
        while (scale > coarsest * LeastStep)
        {
            scale = Math.Max(scale / Step, coarsest);
            levels.Add(At(scale, width, height, model));
        }
        return levels;
    }

    private static PyramidLevel At(double scale, int width, int height, FinderModel model)
    {
        var longest = Math.Max(width, height);
        var frame = Math.Clamp((int)(FrameShare * longest * scale), SmallestFrame, LargestFrame);
        // A network of one size has the picture reduced until it fits.
        if (model.Width is { } fixedWidth)
            scale = Math.Min(scale, (fixedWidth - (2.0 * frame)) / width);
        if (model.Height is { } fixedHeight)
            scale = Math.Min(scale, (fixedHeight - (2.0 * frame)) / height);
        var columns = model.Width ?? Multiple((width * scale) + (2 * frame));
        var rows = model.Height ?? Multiple((height * scale) + (2 * frame));
        var middle = new Vector2((columns - 1) / 2f, (rows - 1) / 2f);
        var shift = middle - ((float)scale * new Vector2((width - 1) / 2f, (height - 1) / 2f));
        // By whole pixels: a picture that is not reduced stays sharp.
        return new PyramidLevel(scale, new Vector2(MathF.Floor(shift.X), MathF.Floor(shift.Y)), columns, rows);
    }

    private static int Multiple(double pixels) =>
        (int)Math.Ceiling(pixels / FinderLayout.LargestStride) * FinderLayout.LargestStride;
}

/// <summary>A level of the pyramid: pixel p of the picture is scale p + shift of the network's input.</summary>
internal readonly record struct PyramidLevel(double Scale, Vector2 Shift, int Width, int Height)
{
    public Homography FromPicture => Homography.Affine(Scale, 0, Shift.X, 0, Scale, Shift.Y);
}

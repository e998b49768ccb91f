using System.Buffers;
using System.Numerics;
using Microsoft.ML.OnnxRuntime;

namespace Mdfld;

/// <summary>
/// Finds the faces of a picture with an ONNX model: Mdfld's own, or YuNet's. One finder serves any number of threads at
/// once.
/// </summary>
public sealed class FaceFinder : IDisposable
{
    internal const string DefaultModel = "finder.onnx";

    // So many of the surest cells are looked at; a model that sees more faces than that sees none.
    private const int MostCandidates = 4000;

    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly FinderModel _model;
    private readonly FaceFinderOptions _options;
    private readonly string _path;
    private readonly string[] _inputs;
    private readonly float[] _normalised = new float[256];
    private bool _isDisposed;

    private FaceFinder(InferenceSession session, string path, FaceFinderOptions options)
    {
        (_session, _path, _options) = (session, path, options);
        _model = FinderModel.Of(session, path);
        _inputs = [_model.Input];
        for (var i = 0; i < _normalised.Length; i++)
            _normalised[i] = (i - _model.Layout.Mean) / _model.Layout.Std;
    }

    /// <summary>What the model is called.</summary>
    public string Name => _model.Name;

    /// <summary>The score from which a face is one.</summary>
    public float Threshold => _options.Threshold ?? DefaultThreshold;

    /// <summary>The same, unless the options say otherwise.</summary>
    public float DefaultThreshold => _model.Threshold;

    /// <summary>Loads the default model, which is inside the library.</summary>
    /// <param name="options">How faces are looked for.</param>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public static FaceFinder Create(FaceFinderOptions? options = null) =>
        Open(DefaultModel, options, OnnxModel.OpenResource);

    /// <summary>Loads a model.</summary>
    /// <param name="path">An .onnx file: a finder of Mdfld, or YuNet with its twelve outputs.</param>
    /// <param name="options">How faces are looked for.</param>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">The file is no such model.</exception>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public static FaceFinder Load(string path, FaceFinderOptions? options = null) =>
        Open(path, options, OnnxModel.Open);

    /// <summary>Finds the faces of a picture.</summary>
    /// <returns>The surest first; none where there are none.</returns>
    /// <exception cref="InvalidDataException">The model fails on this picture.</exception>
    public FoundFace[] Find(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        // ONNX Runtime does not check: a run after its end crashes the process.
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var candidates = new List<Candidate>();
        var source = image;
        var toSource = Homography.Identity;
        foreach (var level in FinderPyramid.Of(image.Width, image.Height, _model, _options))
        {
            // A coarser look is cut out of the finer one: the picture itself is read once.
            var input = Warp.Apply(
                source, level.FromPicture * toSource.Invert(), level.Width, level.Height, Sampling.Antialiased);
            Look(input, level, candidates);
            (source, toSource) = (input, level.FromPicture);
        }
        var faces = Candidate.Merge(candidates, _options.Overlap);
        faces.RemoveAll(f => Math.Max(f.Box.Width, f.Box.Height) < _options.MinimumFace);
        var found = new FoundFace[faces.Count];
        for (var i = 0; i < found.Length; i++)
        {
            var five = faces[i].Points;
            ReadOnlySpan<Vector2> points = five;
            found[i] = new FoundFace(faces[i].Box, faces[i].Score, [.. points]);
        }
        return found;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        _runOptions.Dispose();
        _session.Dispose();
    }

    private static FaceFinder Open(string path, FaceFinderOptions? options, Func<string, int, InferenceSession> open)
    {
        options ??= new FaceFinderOptions();
        options.Check();
        var session = open(path, options.Threads);
        try
        {
            return new FaceFinder(session, path, options);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private void Look(Image input, in FinderPyramid.Level level, List<Candidate> candidates)
    {
        var area = input.Width * input.Height;
        var buffer = ArrayPool<float>.Shared.Rent(Image.Channels * area);
        try
        {
            var planes = buffer.AsMemory(0, Image.Channels * area);
            Pixels.ToPlanes(input, planes.Span, _normalised, _model.Layout.IsBgr);
            using var tensor = OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, planes, [1, Image.Channels, input.Height, input.Width]);
            using var results = _session.Run(_runOptions, _inputs, [tensor], _model.Layout.Outputs);
            var first = 0;
            foreach (var stride in FinderLayout.Strides)
            {
                Read(results, first, stride, level, candidates);
                first += _model.Layout.OutputsPerStride;
            }
        }
        catch (OnnxRuntimeException e)
        {
            throw OnnxModel.Fails(_path, e);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(buffer);
        }
    }

    private void Read(
        IReadOnlyList<OrtValue> results, int first, int stride, in FinderPyramid.Level level,
        List<Candidate> candidates)
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

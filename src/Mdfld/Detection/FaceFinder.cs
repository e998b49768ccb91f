using System.Buffers;
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
        for (var turn = 0; turn < (_options.Depth == SearchDepth.Thorough ? 4 : 1); turn++)
            Search(picture, turn, candidates, stop);
        var faces = DetectedFace.Merge(candidates, _options.Overlap);
        faces.RemoveAll(f => Math.Max(f.Box.Width, f.Box.Height) < _options.MinimumFace);
        return [.. faces];
    }

    /// <summary>Ends the model: calls under way end as they would, later ones throw.</summary>
    public void Dispose() => _session?.Dispose();

    /// <summary>
    /// Searches a picture turned anticlockwise by quarters, so that faces turned as far stand upright.
    /// </summary>
    private void Search(Picture picture, int quarters, List<DetectedFace> candidates, CancellationToken stop)
    {
        var turn = Turn(picture, quarters);
        var (width, height) = quarters % 2 == 0 ? (picture.Width, picture.Height) : (picture.Height, picture.Width);
        var scales = FinderSearch.Scales(width, height, _model, _options);
        var isThorough = _options.Depth == SearchDepth.Thorough;
        FinderPass? coarser = null;
        // One for all views of a size: garbage of a megabyte a view would pile up beside the picture.
        Picture? input = null;
        for (var i = 0; i < scales.Length; i++)
        {
            var pass = new FinderPass(scales[i], width, height);
            var isSelective = i == scales.Length - 1 && !isThorough;
            var first = candidates.Count;
            foreach (var view in pass.Views(_model, isSelective ? coarser : null))
            {
                var toInput = view.FromPicture * turn;
                if (input?.Width != view.Width || input.Height != view.Height)
                    input = Picture.Unwritten(view.Width, view.Height);
                picture.WarpInto(toInput, input, antialias: true);
                Run(input, pass, view, toInput.Invert(), candidates, stop);
            }
            if (!isThorough && IsAnswered(pass, candidates.Skip(first)))
                break;
            coarser = pass;
        }
    }

    /// <summary>
    /// Whether a face that a pass shows surely is so large that there will be no smaller ones than the pass knows.
    /// </summary>
    private bool IsAnswered(FinderPass pass, IEnumerable<DetectedFace> found) => found.Any(
        face => face.Score >= (1 + DefaultThreshold) / 2
            && Math.Max(face.Box.Width, face.Box.Height) * pass.Scale >= FinderSearch.Range * _model.MinimumFace);

    /// <summary>Takes pixels of a picture to those of the picture turned anticlockwise by quarters.</summary>
    private static Homography Turn(Picture picture, int quarters) => quarters switch
    {
        0 => Homography.Identity,
        1 => Homography.Affine(0, 1, 0, -1, 0, picture.Width - 1),
        2 => Homography.Affine(-1, 0, picture.Width - 1, 0, -1, picture.Height - 1),
        _ => Homography.Affine(0, -1, picture.Height - 1, 1, 0, 0),
    };

    private void Run(
        Picture input, FinderPass pass, in FinderView view, in Homography toPicture, List<DetectedFace> candidates,
        CancellationToken stop)
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
                Read(results, first, stride, pass, view, toPicture, candidates);
                first += _model.Layout.OutputsPerStride;
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(buffer);
        }
    }

    private void Read(
        IReadOnlyList<OrtValue> results, int first, int stride, FinderPass pass, in FinderView view,
        in Homography toPicture, List<DetectedFace> candidates)
    {
        var layout = _model.Layout;
        var columns = view.Width / stride;
        var cells = columns * (view.Height / stride);
        var scores = Output(results, first, cells);
        var others = Output(results, first + 1, cells);
        var boxes = Output(results, first + layout.OutputsPerStride - 2, cells);
        var points = Output(results, first + layout.OutputsPerStride - 1, cells);
        var (threshold, reach) = (Threshold, 4f * Math.Max(view.Width, view.Height));
        for (var cell = 0; cell < cells; cell++)
        {
            var score = layout.Score(scores, others, cell);
            if (!(score <= 1))
                continue;
            pass.Note(view, cell % columns, cell / columns, stride, score);
            if (score < threshold)
                continue;
            var candidate = layout.Decode(boxes, points, cell, cells, columns, stride, score);
            if (candidate.IsUsable(reach) && view.Says(candidate.Box) && candidates.Count < MostCandidates)
                candidates.Add(candidate.Moved(toPicture));
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

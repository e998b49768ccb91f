using System.Numerics;

namespace Mdfld;

/// <summary>
/// The network inside a <see cref="LandmarkDetector"/>: normalised crops in, landmarks out. ONNX Runtime is one engine
/// (<see cref="Load(string, DetectorOptions?)"/>); another is a class that derives from this. Serves any number of
/// threads at once.
/// </summary>
/// <remarks>
/// Network units: u in [-1, 1] is the crop's pixel ((u + 1) S - 1) / 2 (STAR, align_corners false).
/// </remarks>
public abstract class LandmarkModel : IDisposable
{
    /// <summary>What the model is called.</summary>
    public required string Name { get; init; }

    /// <summary>What its points mean.</summary>
    public required LandmarkScheme Scheme { get; init; }

    /// <summary>Rows and columns S of the crop it takes.</summary>
    public required int Size { get; init; }

    /// <summary>Side of the crop / longest side of the tight landmark box.</summary>
    public required float CropFactor { get; init; }

    /// <summary>Whether its channels are B, G, R (as STAR's) instead of R, G, B.</summary>
    public bool IsBgr { get; init; }

    /// <summary>Subtracted from every byte of the crop,</summary>
    public float Mean { get; init; } = 127.5f;

    /// <summary>and then divided by.</summary>
    public float Std { get; init; } = 127.5f;

    /// <summary>
    /// Whether it gives each point's covariance: of its error where the model was calibrated (<c>mdfld calibrate</c>),
    /// else of its heat map.
    /// </summary>
    public bool HasCovariance { get; init; }

    /// <summary>The confidence from which faces are kept by default; null where it was never calibrated.</summary>
    public float? Threshold => Confidence?.Threshold;

    /// <summary>How confidence follows from what it finds; null where it was never calibrated.</summary>
    internal FaceConfidence? Confidence { get; init; }

    /// <summary>Loads an .onnx model.</summary>
    /// <param name="path">A file written by <c>mdfld export</c>.</param>
    /// <param name="options">Threads, device and session settings; the rest is the detector's.</param>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">The file is no landmark model.</exception>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    /// <exception cref="NotSupportedException">The device is not there.</exception>
    public static LandmarkModel Load(string path, DetectorOptions? options = null) =>
        OnnxLandmarkModel.Open(OnnxFile.Read(path), options ?? new DetectorOptions());

    /// <summary>Loads an .onnx model from memory.</summary>
    /// <param name="onnx">The bytes of a file written by <c>mdfld export</c>.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">Threads, device and session settings; the rest is the detector's.</param>
    /// <inheritdoc cref="Load(string, DetectorOptions?)" path="/exception"/>
    public static LandmarkModel Load(byte[] onnx, string name, DetectorOptions? options = null) =>
        OnnxLandmarkModel.Open(OnnxFile.Read(onnx, name), options ?? new DetectorOptions());

    /// <summary>
    /// Reads what an .onnx model says about itself, without building it: <see cref="Run"/> throws.
    /// </summary>
    /// <param name="path">A file written by <c>mdfld export</c>.</param>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">The file is no landmark model.</exception>
    public static LandmarkModel ReadHeader(string path) => OnnxLandmarkModel.Describe(OnnxFile.Read(path));

    /// <summary>
    /// Whether a file is an .onnx model of any kind: its header tells of a graph with outputs. Nothing else is read.
    /// </summary>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    public static bool IsOnnx(string path)
    {
        try
        {
            OnnxFile.Read(path);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>
    /// What a confidence is computed from, for one face: the logarithm of the points' mean standard deviation / the
    /// distance of the outer eye corners.
    /// </summary>
    public static double ForetoldError(Landmarks face)
    {
        ArgumentNullException.ThrowIfNull(face);
        return FaceConfidence.ForetoldError(face);
    }

    /// <summary>The property of an .onnx file that keeps a calibrated confidence.</summary>
    /// <param name="slope">Weight of <see cref="ForetoldError"/> in a logistic regression,</param>
    /// <param name="constant">and its constant.</param>
    /// <param name="threshold">The confidence from which a face is kept by default.</param>
    public static (string Key, string Value) ConfidenceProperty(double slope, double constant, float threshold) =>
        (FaceConfidence.Key, new FaceConfidence(slope, constant, threshold).ToText());

    /// <summary>Runs the network on crops.</summary>
    /// <param name="planes">(count, 3, S, S), normalised.</param>
    /// <param name="count">Crops.</param>
    /// <param name="landmarks">Receives (count, P) points, network units.</param>
    /// <param name="covariances">
    /// Receives (count, P) covariances, network units squared; empty where <see cref="HasCovariance"/> is false.
    /// </param>
    /// <param name="stop">Ends the run.</param>
    /// <exception cref="InvalidDataException">The network fails, or gives another number of points.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public abstract void Run(
        Memory<float> planes, int count, Span<Vector2> landmarks, Span<PointCovariance> covariances,
        CancellationToken stop);

    /// <summary>Ends the model: runs that are under way end as they would, later ones throw.</summary>
    public abstract void Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Scheme}, {Size} x {Size}";
}

using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace Mdfld;

/// <summary>How faces and landmarks are detected.</summary>
public sealed record DetectorOptions
{
    /// <summary>
    /// Threads that share the work on one call, at most 1024; 0 takes one a core. Where many calls run side by side, as
    /// in <see cref="LandmarkDetector.DetectAsync(IEnumerable{string}, int, CancellationToken)"/>, 1 is fastest.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>
    /// What ONNX Runtime computes on: <c>cpu</c>, <c>cuda</c>, <c>directml</c> or <c>coreml</c>; <c>cuda:1</c> and
    /// <c>directml:1</c> name the second card. Each needs the ONNX Runtime package that has it.
    /// </summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Changes the settings of each ONNX Runtime session before it opens; null changes nothing.</summary>
    public Action<SessionOptions>? ConfigureSession { get; init; }

    /// <summary>
    /// What a landmark model's points mean; null takes the known scheme of so many points (68, 98 or 29).
    /// </summary>
    public LandmarkScheme? Scheme { get; init; }

    /// <summary>The .onnx file of the face finder; null takes the default one, where there is one.</summary>
    public string? FinderFile { get; init; }

    /// <summary>The detection score from which the finder keeps a face, 0 to 1; null takes its file's.</summary>
    public float? ScoreThreshold { get; init; }

    /// <summary>
    /// How far a picture is searched: <c>auto</c> goes on to finer sizes as long as it has found no large face surely,
    /// and at the finest only where faces may be; <c>fast</c> does so up to 640 pixels; <c>thorough</c> searches all of
    /// every size, up to twice the picture's, and turned to all four sides.
    /// </summary>
    public string Search { get; init; } = Searches[0];

    /// <summary>What <see cref="Search"/> may be, the default first.</summary>
    public static IReadOnlyList<string> Searches { get; } = ["auto", "fast", "thorough"];

    /// <summary>
    /// Longest side, in pixels, of the largest size at which a picture is searched, smaller pictures enlarged up to
    /// twice; null leaves it to <see cref="Search"/>. The most time that it takes grows with its square; the smallest
    /// face found, about 10 pixels then, with its inverse.
    /// </summary>
    public int? LongestSide { get; init; }

    /// <summary>
    /// Longest side, in pixels of the picture, of the smallest face wanted. Where it allows, finer sizes are left out.
    /// </summary>
    public float MinimumFace { get; init; } = 8;

    /// <summary>Non-maximum suppression: boxes whose intersection / union is above this are one face.</summary>
    public float Overlap { get; init; } = 0.4f;

    /// <summary>
    /// Whether every picture is taken for one face that fills it, and no finder is asked, as in
    /// <see cref="LandmarkDetector.DetectSingle"/>.
    /// </summary>
    public bool SingleFace { get; init; }

    /// <summary>Most faces returned for a picture, those of the highest confidence; null returns all.</summary>
    public int? MaximumFaces { get; init; }

    /// <summary>
    /// Most refinement steps: runs of the landmark model on a face, each in the upright crop around the landmarks of
    /// the one before. They end where the crop no longer moves.
    /// </summary>
    public int RefinementSteps { get; init; } = 4;

    /// <summary>
    /// Test-time augmentation: whether every crop is mirrored as well and the mean taken. A little more accurate
    /// (real-val 2.99 to 2.95 % NME), at twice the time.
    /// </summary>
    public bool Mirror { get; init; }

    /// <summary>
    /// Faces of less <see cref="Landmarks.Confidence"/> are left out of
    /// <see cref="LandmarkDetector.Detect(Picture, CancellationToken)"/>; 0 keeps all, null takes what the model's file
    /// says.
    /// </summary>
    public float? Threshold { get; init; }

    /// <summary>Where a line for each picture goes, at the level Debug; failures of streams are Warnings.</summary>
    public ILoggerFactory? Logging { get; init; }

    /// <summary>Makes the meter "Mdfld"; null makes one that every listener of that name hears.</summary>
    public IMeterFactory? Meters { get; init; }

    /// <summary>Whether <see cref="Device"/> may have that name; not whether the device is there.</summary>
    public static bool IsDevice(string name) => OnnxDevice.IsName(name);

    internal SearchDepth Depth => Search switch
    {
        "fast" => SearchDepth.Fast,
        "thorough" => SearchDepth.Thorough,
        _ => SearchDepth.Auto,
    };

    internal void Check()
    {
        if (!OnnxDevice.IsName(Device))
        {
            throw new ArgumentException(
                $"{nameof(Device)} is '{Device}', expected cpu, cuda, directml or coreml, or cuda:1 for a second card");
        }
        ArgumentOutOfRangeException.ThrowIfNegative(Threads);
        // More than any machine has cores would be more memory than it has.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Threads, 1024);
        if (!(ScoreThreshold is null or (>= 0 and <= 1)))
            throw Wrong(nameof(ScoreThreshold), ScoreThreshold, "a score from 0 to 1");
        if (!Searches.Contains(Search))
            throw new ArgumentException($"{nameof(Search)} is '{Search}', expected {string.Join(", ", Searches)}");
        if (LongestSide is < 32 or > 8192)
            throw Wrong(nameof(LongestSide), LongestSide, "32 to 8192 pixels");
        if (!(MinimumFace >= 1 && float.IsFinite(MinimumFace)))
            throw Wrong(nameof(MinimumFace), MinimumFace, "at least 1 pixel");
        if (!(Overlap is > 0 and <= 1))
            throw Wrong(nameof(Overlap), Overlap, "more than 0, at most 1");
        if (MaximumFaces < 1)
            throw Wrong(nameof(MaximumFaces), MaximumFaces, "at least 1");
        if (RefinementSteps is < 1 or > 1000)
            throw Wrong(nameof(RefinementSteps), RefinementSteps, "1 to 1000");
        if (!(Threshold is null or (>= 0 and <= 1)))
            throw Wrong(nameof(Threshold), Threshold, "a confidence from 0 to 1");

        static ArgumentOutOfRangeException Wrong(string name, object? value, string expected) =>
            new(name, value, $"{name} is {value}, expected {expected}");
    }
}

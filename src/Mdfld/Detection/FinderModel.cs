using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Mdfld;

/// <summary>The facts of a finder's file: ours by its <c>mdfld.finder</c> property, YuNet by its outputs.</summary>
/// <param name="Name">What the model is called.</param>
/// <param name="Input">Its input, (1, 3, H, W).</param>
/// <param name="Height">Rows of the input, where only one number will do.</param>
/// <param name="Width">Columns of the input, where only one number will do.</param>
/// <param name="Threshold">The score from which a face is kept by default.</param>
/// <param name="MinimumFace">Longest side of the smallest box it knows, pixels of the input.</param>
/// <param name="MaximumFace">Longest side of the largest box it knows, pixels of the input.</param>
/// <param name="Layout">How its outputs are read.</param>
internal sealed record FinderModel(
    string Name,
    string Input,
    int? Height,
    int? Width,
    float Threshold,
    float MinimumFace,
    float MaximumFace,
    FinderLayout Layout)
{
    /// <summary>Reads and checks the properties of a file, and that its graph fits them.</summary>
    /// <exception cref="InvalidDataException">It is no face finder; the message says what is missing.</exception>
    public static FinderModel Describe(OnnxFile file)
    {
        var properties = file.Properties;
        var isOurs = properties.TryGetValue("mdfld.finder", out var version);
        if (isOurs && version != "1")
            throw Refuse($"mdfld.finder is '{version}', expected 1");
        var layout = isOurs ? FinderLayout.Mdfld : FinderLayout.YuNet;
        foreach (var name in layout.Outputs)
        {
            if (file.Output(name) is not { } output)
                throw Refuse($"no property mdfld.finder in it, and no output '{name}' as YuNet has");
            if (!layout.Fits(name, output))
                throw Refuse($"output '{name}' is {output}, expected float {layout.ShapeOf(name)}");
        }
        if (file.Inputs.Count != 1)
            throw Refuse($"{file.Inputs.Count} inputs, expected one");
        var input = file.Inputs[0];
        if (!input.IsFloat || input.Dimensions is not [<= 1, Picture.Channels, var height, var width])
            throw Refuse($"input '{input.Name}' is {input}, expected float [1, 3, height, width]");
        return new FinderModel(
            file.ModelName,
            input.Name,
            Side(height),
            Side(width),
            Number("mdfld.threshold", layout.Threshold, 0, 1),
            Number("mdfld.min_face", FinderLayout.MinimumFace, 1, 1000),
            Number("mdfld.max_face", layout.MaximumFace, 64, 10000),
            layout);

        int? Side(long pixels) =>
            pixels < 0 ? null
            : pixels is >= 64 and <= 4096 && pixels % FinderLayout.LargestStride == 0 ? (int)pixels
            : throw Refuse($"its input has {pixels} pixels a side, expected a multiple of 32 from 64 to 4096");

        float Number(string key, float absent, float low, float high) =>
            !properties.TryGetValue(key, out var text) ? absent
            : float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                && value >= low && value <= high ? value
            : throw Refuse($"{key} is '{text}', expected a number from {low} to {high}");

        InvalidDataException Refuse(string found) =>
            new($"{file.Name}: not a face finder of Mdfld, nor YuNet: {found}");
    }
}

/// <summary>
/// How pictures go into a finder and faces come out. Both kinds have cells of 8, 16 and 32 pixels and give each cell a
/// score, a box and five points.
/// </summary>
/// <param name="Kinds">Outputs of a stride, the first letters of their names.</param>
/// <param name="IsPlanar">
/// Whether outputs are (1, numbers, rows, columns) and count from the middle of a cell; else (1, cells, numbers), from
/// its corner.
/// </param>
/// <param name="Fit">From its own kind of box to the landmark box.</param>
/// <param name="Threshold">The score from which a face is kept by default.</param>
/// <param name="MaximumFace">Longest side of the largest box it knows, pixels of the input.</param>
/// <param name="IsBgr">Whether its channels are B, G, R.</param>
/// <param name="Mean">Subtracted from every byte,</param>
/// <param name="Std">and then divided by.</param>
internal sealed record FinderLayout(
    string[] Kinds, bool IsPlanar, FinderLayout.BoxFit Fit, float Threshold, float MaximumFace, bool IsBgr, float Mean,
    float Std)
{
    public const int LargestStride = 32;

    /// <summary>Numbers of a cell beside its score: a box, five points.</summary>
    public const int BoxNumbers = 4;
    public const int PointNumbers = 10;

    /// <summary>Longest side of the smallest box that both kinds know, pixels of the input.</summary>
    public const float MinimumFace = 10;

    private static readonly int[] AllStrides = [8, 16, LargestStride];

    /// <summary>
    /// Ours: R, G, B as (byte - 127.5) / 127.5; <c>score_s</c> (1, 1, H / s, W / s), <c>box_s</c> (1, 4, ...): offset
    /// of the box's middle from the cell's in cells, log of width and height in cells, and <c>points_s</c> (1, 10,
    /// ...).
    /// </summary>
    public static FinderLayout Mdfld { get; } =
        new(["score", "box", "points"], true, new BoxFit(0, 0, 1, 1), 0.5f, 320, false, 127.5f, 127.5f);

    /// <summary>
    /// YuNet (Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023), as OpenCV's FaceDetectorYN decodes it:
    /// B, G, R bytes; <c>cls_s</c>, <c>obj_s</c> (1, cells, 1), <c>bbox_s</c> (1, cells, 4) and <c>kps_s</c>
    /// (1, cells, 10) counted from the cell's corner; score = sqrt(cls obj). Its boxes reach from the hair line to the
    /// chin; the fit to landmark boxes is the median over every tenth face of real-train (mean IoU 0.70 before, 0.89
    /// after).
    /// </summary>
    public static FinderLayout YuNet { get; } = new(
        ["cls", "obj", "bbox", "kps"], false, new BoxFit(0.007f, 0.128f, 1.036f, 0.755f), 0.6f, 300, true, 0, 1);

    public static ReadOnlySpan<int> Strides => AllStrides;

    /// <summary>Names of the outputs, those of the smallest stride first.</summary>
    public string[] Outputs { get; } = [.. AllStrides.SelectMany(s => Kinds.Select(k => $"{k}_{s}"))];

    /// <summary>Outputs a stride.</summary>
    public int OutputsPerStride => Kinds.Length;

    /// <summary>Numbers a cell in the output of that index among a stride's.</summary>
    public int NumbersOf(int output) =>
        output == OutputsPerStride - 1 ? PointNumbers : output == OutputsPerStride - 2 ? BoxNumbers : 1;

    /// <summary>
    /// Whether an output is of floats, and its shape, where the file tells it, one that holds a cell's numbers.
    /// </summary>
    public bool Fits(string name, OnnxTensor output)
    {
        if (!output.IsFloat || output.Dimensions is not { } found)
            return output.IsFloat;
        var numbers = NumbersOf(Array.IndexOf(Outputs, name) % OutputsPerStride);
        return found.Count == (IsPlanar ? 4 : 3) && found[0] <= 1 && Is(found[IsPlanar ? 1 : 2], numbers);

        static bool Is(long dimension, int expected) => dimension < 0 || dimension == expected;
    }

    /// <summary>The shape of an output, for messages.</summary>
    public string ShapeOf(string name)
    {
        var numbers = NumbersOf(Array.IndexOf(Outputs, name) % OutputsPerStride);
        return IsPlanar ? $"[1, {numbers}, rows, columns]" : $"[1, cells, {numbers}]";
    }

    /// <summary>The score of a cell.</summary>
    public float Score(ReadOnlySpan<float> scores, ReadOnlySpan<float> others, int cell) =>
        OutputsPerStride == 3
            ? scores[cell] : MathF.Sqrt(Math.Clamp(scores[cell], 0, 1) * Math.Clamp(others[cell], 0, 1));

    /// <summary>The face of a cell, pixels of the input.</summary>
    public DetectedFace Decode(
        ReadOnlySpan<float> boxes, ReadOnlySpan<float> points, int cell, int cells, int columns, int stride,
        float score)
    {
        // Where a cell's numbers count from, and pixels whose middles have whole numbers.
        var (half, pixel) = IsPlanar ? (0.5f, -0.5f) : (0, 0);
        var (column, row) = ((cell % columns) + half, (cell / columns) + half);
        var (boxStep, boxNext) = IsPlanar ? (1, cells) : (BoxNumbers, 1);
        var (pointStep, pointNext) = IsPlanar ? (1, cells) : (PointNumbers, 1);
        var at = cell * boxStep;
        var (x, y) = (((column + boxes[at]) * stride) + pixel, ((row + boxes[at + boxNext]) * stride) + pixel);
        var width = stride * MathF.Exp(boxes[at + (2 * boxNext)]);
        var height = stride * MathF.Exp(boxes[at + (3 * boxNext)]);
        at = cell * pointStep;
        var five = new Vector2[PointNumbers / 2];
        for (var i = 0; i < PointNumbers; i += 2)
        {
            five[i / 2] = new(
                ((column + points[at + (i * pointNext)]) * stride) + pixel,
                ((row + points[at + ((i + 1) * pointNext)]) * stride) + pixel);
        }
        return new DetectedFace(
            Fit.Apply(x, y, width, height), score, ImmutableCollectionsMarshal.AsImmutableArray(five));
    }

    /// <summary>From a finder's own kind of box to the landmark box, in widths and heights of the first.</summary>
    internal readonly record struct BoxFit(float X, float Y, float Width, float Height)
    {
        public FaceBox Apply(float x, float y, float width, float height) =>
            FaceBox.AtCentre(new(x + (X * width), y + (Y * height)), Width * width, Height * height);
    }
}

using System.Numerics;
using SkiaSharp;

namespace Mdfld.Data;

/// <summary>
/// The proportions of a drawn face and how the head is held. A factor of 1 is an average photographed face; the head's
/// half width is the unit of length.
/// </summary>
internal sealed record FaceShape
{
    public float JawWidth { get; init; } = 1;
    public float ChinLength { get; init; } = 1;

    /// <summary>0 round, 1 pointed.</summary>
    public float ChinPoint { get; init; }
    public float EyeWidth { get; init; } = 1;
    public float EyeHeight { get; init; } = 1;
    public float EyeSpacing { get; init; } = 1;
    public float BrowHeight { get; init; } = 1;

    /// <summary>Radians by which the brows' inner ends sink.</summary>
    public float BrowTilt { get; init; }
    public float NoseLength { get; init; } = 1;
    public float NoseWidth { get; init; } = 1;
    public float MouthWidth { get; init; } = 1;
    public float LipHeight { get; init; } = 1;

    /// <summary>0 shut, 1 wide open.</summary>
    public float MouthOpen { get; init; }

    /// <summary>How far the corners of the mouth rise.</summary>
    public float Smile { get; init; }
    public float ForeheadHeight { get; init; } = 1;

    /// <summary>Radians to the picture's right.</summary>
    public float Yaw { get; init; }

    /// <summary>Radians downwards.</summary>
    public float Pitch { get; init; }

    /// <summary>Radians, clockwise as seen.</summary>
    public float Roll { get; init; }

    // The left half of an average face: x to the right, y down from the eyes, z towards the viewer.
    private static readonly Vector3[] LeftJaw =
    [
        new(-1, 0.03f, -0.72f), new(-0.985f, 0.29f, -0.66f), new(-0.95f, 0.55f, -0.56f), new(-0.885f, 0.8f, -0.44f),
        new(-0.77f, 1.03f, -0.3f), new(-0.62f, 1.23f, -0.14f), new(-0.44f, 1.4f, 0.02f), new(-0.23f, 1.53f, 0.14f),
    ];

    private static readonly Vector3[] LeftBrow =
    [
        new(-0.83f, -0.25f, -0.02f), new(-0.7f, -0.36f, 0.14f), new(-0.54f, -0.405f, 0.24f),
        new(-0.37f, -0.38f, 0.31f), new(-0.21f, -0.315f, 0.35f),
    ];

    // Relative to the middle of the eye.
    private static readonly Vector3[] LeftEye =
    [
        new(-0.17f, 0.02f, -0.04f), new(-0.075f, -0.07f, 0), new(0.055f, -0.075f, 0.03f),
        new(0.17f, 0.035f, 0.02f), new(0.06f, 0.08f, 0.03f), new(-0.07f, 0.08f, 0),
    ];

    // Relative to the middle of the mouth: points 48 to 50, 58 and 59, 60 and 61, 67.
    private static readonly Vector3[] LeftLips =
    [
        new(-0.38f, 0, 0.24f), new(-0.24f, -0.075f, 0.4f), new(-0.085f, -0.115f, 0.48f),
        new(-0.1f, 0.155f, 0.46f), new(-0.25f, 0.105f, 0.38f),
        new(-0.33f, 0.005f, 0.26f), new(-0.11f, -0.012f, 0.45f),
        new(-0.11f, 0.022f, 0.45f),
    ];

    /// <summary>The 68 iBUG points and the lines a drawing needs besides, projected orthographically.</summary>
    /// <param name="centre">Where the point between the eyes comes to lie, pixels.</param>
    /// <param name="unit">Half the width of the head, pixels.</param>
    public FaceGeometry Project(Vector2 centre, float unit)
    {
        var model = Build();
        var turn = Matrix4x4.CreateRotationY(Yaw) * Matrix4x4.CreateRotationX(-Pitch) * Matrix4x4.CreateRotationZ(Roll);
        // The head turns about a point behind the eyes.
        var pivot = new Vector3(0, 0.4f, -0.5f);
        Vector2 Project(Vector3 p)
        {
            var q = Vector3.Transform(p - pivot, turn) + pivot;
            return centre + (unit * new Vector2(q.X, q.Y));
        }

        return new FaceGeometry(
            [.. model.Select(Project)], unit, Roll,
            Forehead: [.. Forehead().Select(Project)],
            Crown: [.. Crown().Select(Project)]);
    }

    private Vector3[] Build()
    {
        var points = new Vector3[68];
        for (var i = 0; i < LeftJaw.Length; i++)
            SetPair(points, i, 16 - i, Jaw(LeftJaw[i]));
        points[8] = Jaw(new Vector3(0, 1.57f + (0.09f * ChinPoint), 0.18f));
        for (var i = 0; i < LeftBrow.Length; i++)
            SetPair(points, 17 + i, 26 - i, Brow(LeftBrow[i]));
        for (var i = 0; i < 4; i++)
            points[27 + i] = new Vector3(0, (i * 0.185f * NoseLength) + 0.01f, 0.34f + (0.13f * i));
        var nose = 0.68f * NoseLength;
        SetPair(points, 31, 35, new Vector3(-0.225f * NoseWidth, nose, 0.38f));
        SetPair(points, 32, 34, new Vector3(-0.115f * NoseWidth, nose + 0.045f, 0.46f));
        points[33] = new Vector3(0, nose + 0.065f, 0.5f);
        // Mirrored, the eye's six points are swapped as 36 45, 37 44, 38 43, 39 42, 40 47, 41 46.
        int[] right = [45, 44, 43, 42, 47, 46];
        for (var i = 0; i < LeftEye.Length; i++)
            SetPair(points, 36 + i, right[i], Eye(LeftEye[i]));
        SetMouth(points);
        return points;
    }

    private void SetMouth(Vector3[] points)
    {
        int[] left = [48, 49, 50, 58, 59, 60, 61, 67];
        int[] right = [54, 53, 52, 56, 55, 64, 63, 65];
        for (var i = 0; i < left.Length; i++)
            SetPair(points, left[i], right[i], Lip(LeftLips[i], lower: left[i] is 58 or 59 or 67));
        points[51] = Lip(new Vector3(0, -0.09f, 0.5f), lower: false);
        points[57] = Lip(new Vector3(0, 0.165f, 0.48f), lower: true);
        points[62] = Lip(new Vector3(0, -0.004f, 0.47f), lower: false);
        points[66] = Lip(new Vector3(0, 0.028f, 0.47f), lower: true);
    }

    private Vector3 Jaw(Vector3 p)
    {
        // Below the ears the jaw narrows and lengthens; an open mouth takes the chin down with it.
        var down = Math.Clamp(p.Y / 1.57f, 0, 1);
        var narrow = 1 + ((JawWidth - 1) * down) - (0.3f * ChinPoint * down * down * (1 - (0.6f * MathF.Abs(p.X))));
        var open = 0.26f * MouthOpen * down * down;
        return p with { X = p.X * narrow, Y = (p.Y * float.Lerp(1, ChinLength, down)) + open };
    }

    private Vector3 Brow(Vector3 p)
    {
        var inner = (p.X + 0.52f) / 0.62f;
        var y = (p.Y * BrowHeight) - (0.14f * (EyeHeight - 1)) + (0.6f * BrowTilt * inner);
        return p with { X = p.X * ((EyeSpacing + 1) / 2), Y = y };
    }

    private Vector3 Eye(Vector3 p) =>
        new((-0.455f * EyeSpacing) + (p.X * EyeWidth), 0.01f + (p.Y * EyeHeight), 0.16f + p.Z);

    private Vector3 Lip(Vector3 p, bool lower)
    {
        var corner = MathF.Abs(p.X) / 0.38f;
        var y = (0.86f * NoseLength) + (0.17f * ChinLength) + (p.Y * LipHeight) - (0.1f * Smile * corner * corner);
        var open = MouthOpen * (lower ? 0.3f : -0.03f) * (1 - (corner * corner * 0.6f));
        return new Vector3(
            p.X * (MouthWidth + (0.12f * Smile)), y + open + (corner > 0.8f ? 0.1f * MouthOpen : 0), p.Z);
    }

    // From the right temple over the forehead to the left one.
    private IEnumerable<Vector3> Forehead()
    {
        for (var i = 1; i < 12; i++)
        {
            var (sin, cos) = MathF.SinCos(MathF.PI * i / 12);
            yield return new Vector3(cos * 1.0f, -(1.02f * ForeheadHeight * sin) - 0.05f, -0.7f + (0.55f * sin));
        }
    }

    // The skull under the hair, further out and further back.
    private IEnumerable<Vector3> Crown()
    {
        for (var i = 0; i <= 14; i++)
        {
            var (sin, cos) = MathF.SinCos(MathF.PI * i / 14);
            yield return new Vector3(cos * 1.15f, 0.16f - (1.56f * ForeheadHeight * sin), -0.85f + (0.3f * sin));
        }
    }

    private static void SetPair(Vector3[] points, int left, int right, Vector3 p) =>
        (points[left], points[right]) = (p, p with { X = -p.X });
}

/// <summary>A face on the picture plane: where its landmarks are and the outlines that no landmark marks.</summary>
/// <param name="Points">The 68 iBUG points, pixels.</param>
/// <param name="Unit">Half the width of the head, pixels.</param>
/// <param name="Roll">Turn of the head in the plane, radians, clockwise as seen.</param>
/// <param name="Forehead">From the temple on the right over the forehead to the left.</param>
/// <param name="Crown">The top of the head likewise, further out: where hair ends.</param>
internal sealed record FaceGeometry(Vector2[] Points, float Unit, float Roll, Vector2[] Forehead, Vector2[] Crown)
{
    /// <summary>A face of 68 points in a photo, its forehead and hair line guessed.</summary>
    public static FaceGeometry Of(ReadOnlySpan<Vector2> points, float foreheadHeight)
    {
        var eyes = (points[36] + points[39] + points[42] + points[45]) / 4;
        var down = points[8] - eyes;
        var unit = MathF.Max(MathF.Max(Vector2.Distance(points[0], points[16]) / 2, down.Length() / 1.7f), 1);
        down = down.LengthSquared() > 1e-6f ? Vector2.Normalize(down) : Vector2.UnitY;
        var (middle, half) = ((points[0] + points[16]) / 2, (points[16] - points[0]) / 2);
        return new FaceGeometry(
            points.ToArray(), unit, MathF.Atan2(-down.X, down.Y),
            Forehead: [.. Enumerable.Range(1, 11).Select(i => At(1, -0.05f, 1.02f, MathF.PI * i / 12))],
            Crown: [.. Enumerable.Range(0, 15).Select(i => At(1.15f, 0.16f, 1.56f, MathF.PI * i / 14))]);

        Vector2 At(float across, float lower, float rise, float angle) =>
            middle + (across * MathF.Cos(angle) * half)
            + (unit * (lower - (rise * foreheadHeight * MathF.Sin(angle))) * down);
    }

    /// <summary>Downwards along the face.</summary>
    public Vector2 Down => new(-MathF.Sin(Roll), MathF.Cos(Roll));

    /// <summary>To the picture's right along the face.</summary>
    public Vector2 Right => new(MathF.Cos(Roll), MathF.Sin(Roll));

    /// <summary>Round the face: jaw and forehead.</summary>
    public Vector2[] Outline => [.. Points[..17], .. Forehead];

    /// <summary>A point at (x, y) units from a landmark, along the face.</summary>
    public Vector2 From(int point, float x, float y) => Points[point] + (Unit * ((x * Right) + (y * Down)));
}

/// <summary>The light on a drawn face: as on an egg as large as the head, lit from above on one side.</summary>
internal sealed class FaceLight(FaceGeometry face, float side)
{
    // Light is 0 in full shadow, 1 in full light.
    private const string Shading = """
        uniform float2 centre, right, radii;
        uniform float side;
        uniform float3 dark, middle, bright;
        half4 main(float2 p) {
            float2 q = p - centre;
            float2 across = float2(dot(q, right), dot(q, float2(-right.y, right.x))) / radii;
            float3 normal = float3(across, sqrt(max(0.02, 1 - dot(across, across))));
            float light = clamp(0.12 + 0.8 * dot(normal, normalize(float3(0.55 * side, -0.35, 0.8))), 0, 1);
            float3 colour = light < 0.5 ? mix(dark, middle, 2 * light) : mix(middle, bright, 2 * light - 1);
            return half4(half3(clamp(colour, 0, 1)), 1);
        }
        """;

    /// <summary>A colour for each pixel, after the light there. Colours (r, g, b) are 0 to 255.</summary>
    public SKShader Shade(Vector3 dark, Vector3 middle, Vector3 bright)
    {
        using var shader = SKRuntimeEffect.BuildShader(Shading);
        Set("centre", face.From(28, 0, 0.2f));
        Set("right", face.Right);
        Set("radii", face.Unit * new Vector2(1.25f, 1.75f));
        shader.Uniforms["side"] = side;
        SetColour("dark", dark);
        SetColour("middle", middle);
        SetColour("bright", bright);
        return shader.Build();

        void Set(string name, Vector2 value) => shader.Uniforms[name] = new[] { value.X, value.Y };

        void SetColour(string name, Vector3 value) =>
            shader.Uniforms[name] = new[] { value.X / 255, value.Y / 255, value.Z / 255 };
    }

    /// <summary>Shades of one colour that fall and rise evenly with the light.</summary>
    public SKShader Shade(Vector3 colour, float least, float most) =>
        Shade(least * colour, (least + most) / 2 * colour, most * colour);
}

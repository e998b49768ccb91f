using System.Numerics;
using SkiaSharp;

namespace Mdfld.Data;

/// <summary>The light on a drawn face: as on an egg as large as the head, lit from above on one side.</summary>
/// <param name="face">The face.</param>
/// <param name="side">Where the light comes from: -1 left, 1 right.</param>
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

    /// <summary>A colour for each pixel, after the light there.</summary>
    /// <param name="dark">In full shadow, (r, g, b), 0 to 255.</param>
    /// <param name="middle">Half way.</param>
    /// <param name="bright">In full light.</param>
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

using System.Numerics;

namespace Mdfld.Training.Augment;

/// <summary>Hides part of a face, as hands, hair, speech bubbles and frames do; here bars and ellipses.</summary>
internal static class Occlusion
{
    /// <summary>Draws one shape, solid, noisy, striped or cut from elsewhere in the picture.</summary>
    /// <param name="picture">Changed.</param>
    /// <param name="random">All draws come from it.</param>
    /// <param name="longest">Longest side / side of the picture.</param>
    public static void Draw(FilterPicture picture, Random random, float longest)
    {
        var size = picture.Size;
        var centre = new Vector2(random.Uniform(0, size), random.Uniform(0, size));
        var half = new Vector2(random.Uniform(0.06f, longest), random.Uniform(0.06f, longest)) * (size / 2f);
        var turn = Matrix3x2.CreateRotation(random.Chance(0.4f) ? 0 : random.Uniform(0, MathF.PI));
        var isEllipse = random.Chance(0.5f);
        var opacity = random.Chance(0.8f) ? 1 : random.Uniform(0.4f, 0.9f);
        var (colour, other) = (Palette.Any(random), Palette.Any(random));
        var shift = random.Next(size * size);
        var stripe = MathF.Tau / (random.Uniform(3, 12) * picture.Unit);
        var noise = new NoiseSource(random);
        Vector3[] before = [.. picture.Pixels];
        var kind = random.Next(4);
        picture.Map((i, under) =>
        {
            var p = Vector2.Transform(new Vector2(i % size, i / size) - centre, turn);
            var (u, v) = (MathF.Abs(p.X / half.X), MathF.Abs(p.Y / half.Y));
            return (isEllipse ? (u * u) + (v * v) : MathF.Max(u, v)) > 1
                ? under
                : Vector3.Lerp(under, Fill(i, p), opacity);
        });

        Vector3 Fill(int i, Vector2 p) => kind switch
        {
            0 => colour,
            1 => Vector3.Lerp(colour, Speckle(), 0.6f),
            2 => MathF.Sin(p.X * stripe) > 0 ? other : colour,
            _ => before[(i + shift) % before.Length],
        };

        Vector3 Speckle()
        {
            var bits = noise.Next();
            return new Vector3(bits & 255, (bits >> 8) & 255, (bits >> 16) & 255);
        }
    }
}

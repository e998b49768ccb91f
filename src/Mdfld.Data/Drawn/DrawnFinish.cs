using System.Numerics;

namespace Mdfld.Data;

/// <summary>
/// What happens to a drawing on its way to a viewer: screentone, grading, paper, a small copy, compression.
/// </summary>
internal static class DrawnFinish
{
    public static Picture Apply(Picture picture, Medium medium, Random random)
    {
        if (medium.Kind == MediumKind.Ink)
            Screen(picture, random.Uniform(55, 110), random.Chance(0.75f));
        else if (random.Chance(0.12f))
            Grade(picture, random);
        if (medium.IsColoured && random.Chance(0.5f))
            Contrast(picture, random.Uniform(0.9f, 1.35f), random.Uniform(0.9f, 1.5f));
        if (random.Chance(medium.Kind == MediumKind.Cel ? 0.15f : 0.4f))
            Grain(picture, random.Uniform(1, 5), random);
        return picture;
    }

    /// <summary>A small or compressed copy, brought back to its size.</summary>
    public static Picture Copy(Picture picture, Random random)
    {
        var side = random.Next(56, 160);
        if (side < picture.Width && random.Chance(0.6f))
        {
            var scale = (double)side / picture.Width;
            var small = picture.Warp(Scaling(scale), side, side, antialias: true);
            picture = Compressed(small).Warp(Scaling(1 / scale), picture.Width, picture.Height);
            return picture;
        }
        return Compressed(picture);

        Picture Compressed(Picture p) => random.Chance(0.5f) ? Picture.Load(p.EncodeJpeg(random.Next(35, 95))) : p;

        static Homography Scaling(double s) => Homography.Affine(s, 0, (s - 1) / 2, 0, s, (s - 1) / 2);
    }

    // Greys become black dots on a screen turned by 45 degrees; black and white stay.
    private static void Screen(Picture picture, float dots, bool visible)
    {
        var pitch = MathF.Max(picture.Width / dots, 1.8f);
        for (var y = 0; y < picture.Height; y++)
        {
            var row = picture.Row(y);
            for (var x = 0; x < row.Length; x += Picture.Channels)
            {
                var grey = (0.299f * row[x]) + (0.587f * row[x + 1]) + (0.114f * row[x + 2]);
                if (visible && grey is > 60 and < 236)
                {
                    var column = x / Picture.Channels;
                    var (u, v) = ((column + y) / pitch / 1.41421356f, (column - y) / pitch / 1.41421356f);
                    var wave = (MathF.Cos(u * MathF.Tau) + MathF.Cos(v * MathF.Tau) + 2) / 4;
                    grey = 255 * Math.Clamp((((grey / 255) - wave) * 2.5f) + 0.5f, 0, 1);
                }
                row.Slice(x, Picture.Channels).Fill((byte)grey);
            }
        }
    }

    // The whole picture towards one colour: dusk, sepia, night.
    private static void Grade(Picture picture, Random random)
    {
        var tint = random.Pick(
            new(255, 190, 140), new(150, 160, 230), new(255, 225, 180), new(230, 150, 180), new(130, 200, 200),
                new Vector3(200, 160, 220));
        var (amount, grey, dim) = (random.Uniform(0.2f, 0.8f), random.Chance(0.3f) ? random.Uniform(0.4f, 1) : 0,
            random.Uniform(0.75f, 1.15f));
        var data = picture.Data;
        var gain = dim * Vector3.Lerp(new(1), tint / 255, amount);
        for (var i = 0; i < data.Length; i += Picture.Channels)
        {
            var colour = new Vector3(data[i], data[i + 1], data[i + 2]);
            var light = Vector3.Dot(colour, new(0.299f, 0.587f, 0.114f));
            colour = Vector3.Clamp(Vector3.Lerp(colour, new(light), grey) * gain, Vector3.Zero, new(255));
            (data[i], data[i + 1], data[i + 2]) = ((byte)colour.X, (byte)colour.Y, (byte)colour.Z);
        }
    }

    private static void Contrast(Picture picture, float contrast, float vivid)
    {
        var data = picture.Data;
        for (var i = 0; i < data.Length; i += Picture.Channels)
        {
            var colour = new Vector3(data[i], data[i + 1], data[i + 2]);
            var light = new Vector3(Vector3.Dot(colour, new(0.299f, 0.587f, 0.114f)));
            colour = light + (vivid * (colour - light));
            colour = Vector3.Clamp(new Vector3(150) + (contrast * (colour - new Vector3(150))), Vector3.Zero,
                new(255));
            (data[i], data[i + 1], data[i + 2]) = ((byte)colour.X, (byte)colour.Y, (byte)colour.Z);
        }
    }

    private static void Grain(Picture picture, float strength, Random random)
    {
        var data = picture.Data;
        var state = (uint)random.Next();
        for (var i = 0; i < data.Length; i += Picture.Channels)
        {
            state = (state * 1664525) + 1013904223;
            // The sum of two even numbers.
            var noise = strength * (((state >> 24) + ((state >> 16) & 255)) / 128f - 2) * 1.2f;
            for (var c = 0; c < Picture.Channels; c++)
                data[i + c] = (byte)Math.Clamp(data[i + c] + noise + 0.5f, 0, 255);
        }
    }
}

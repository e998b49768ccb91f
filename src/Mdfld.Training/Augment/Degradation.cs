using SkiaSharp;

namespace Mdfld.Training.Augment;

/// <summary>What cameras, scanners and bad copies do to a picture: tone, light, blur, noise, lost resolution.</summary>
internal static class Degradation
{
    /// <summary>Brightness, contrast, gamma and a colour cast.</summary>
    public static void Tone(FilterPicture picture, Random random, float amount)
    {
        var contrast = MathF.Exp(amount * random.Uniform(-0.5f, 0.4f));
        var brightness = amount * random.Uniform(-64, 64);
        var gamma = random.Chance(0.5f) ? MathF.Exp(amount * random.Uniform(-0.5f, 0.5f)) : 1;
        var cast = random.Chance(0.6f) ? amount * 0.22f : amount * 0.05f;
        var gain = contrast * new Vector3(Cast(), Cast(), Cast());
        float[] curve = [.. Enumerable.Range(0, 256).Select(v => 255 * MathF.Pow(v / 255f, gamma))];
        var middle = new Vector3(128);
        picture.Map((_, colour) =>
        {
            var curved = new Vector3(
                curve[FilterPicture.ToByte(colour.X)], curve[FilterPicture.ToByte(colour.Y)],
                curve[FilterPicture.ToByte(colour.Z)]);
            return FilterPicture.Clamped(((curved - middle) * gain) + middle + new Vector3(brightness));
        });

        float Cast() => MathF.Exp(cast * random.Uniform(-1, 1));
    }

    /// <summary>Grey or brown, faded, as old photos are.</summary>
    public static void Age(FilterPicture picture, Random random)
    {
        var tint = Vector3.Lerp(Vector3.One, new Vector3(1.08f, 0.97f, 0.78f), random.NextSingle());
        var (black, white) = (random.Uniform(0, 60), random.Uniform(190, 255));
        picture.Map((_, colour) =>
            FilterPicture.Clamped(tint * (black + ((white - black) * FilterPicture.Luma(colour) / 255))));
    }

    /// <summary>Too little light: dark, and noisy where it was brightened again.</summary>
    public static void Darken(FilterPicture picture, Random random)
    {
        var exposure = MathF.Exp(random.Uniform(-2, -0.7f));
        var gain = random.Chance(0.4f) ? random.Uniform(1, 0.6f / exposure) : 1;
        picture.Map((_, colour) => colour * exposure);
        Noise(picture, random, 6);
        picture.Map((_, colour) => FilterPicture.Clamped(colour * gain));
    }

    /// <summary>Light from a side, or a bright or dark spot.</summary>
    public static void Light(FilterPicture picture, Random random)
    {
        var size = picture.Size;
        var (sin, cos) = MathF.SinCos(random.Uniform(0, MathF.Tau));
        var (depth, isSpot) = (random.Uniform(-0.8f, 0.8f), random.Chance(0.4f));
        var centre = new Vector2(random.Uniform(0, size), random.Uniform(0, size));
        var scale = 1 / (random.Uniform(0.03f, 0.2f) * size * size);
        picture.Map((i, colour) =>
        {
            var p = new Vector2(i % size, i / size);
            if (isSpot)
                return colour * (1 + (depth / (1 + (Vector2.DistanceSquared(p, centre) * scale))));
            var along = Vector2.Dot((2 * p / size) - Vector2.One, new Vector2(cos, sin));
            return colour * (1 + (depth * along / (1 + MathF.Abs(along))));
        });
    }

    /// <summary>Gaussian blur, or blur along a line as of a moving camera.</summary>
    public static void Blur(FilterPicture picture, Random random, float largest)
    {
        var deviation = random.Uniform(0.3f, MathF.Max(0.3f, largest));
        if (random.Chance(0.7f))
        {
            picture.Blur(deviation);
            return;
        }
        var (sin, cos) = MathF.SinCos(random.Uniform(0, MathF.PI));
        var (size, reach) = (picture.Size, picture.Radius(deviation * 1.7f));
        Vector3[] before = [.. picture.Pixels];
        picture.Map((i, _) =>
        {
            var sum = Vector3.Zero;
            for (var k = -reach; k <= reach; k++)
            {
                var x = Math.Clamp((i % size) + (int)MathF.Round(k * cos), 0, size - 1);
                var y = Math.Clamp((i / size) + (int)MathF.Round(k * sin), 0, size - 1);
                sum += before[(y * size) + x];
            }
            return sum / ((2 * reach) + 1);
        });
    }

    /// <summary>Noise per pixel or in small blocks, of one or of all colours.</summary>
    public static void Noise(FilterPicture picture, Random random, float largest)
    {
        var size = picture.Size;
        var spread = random.Uniform(2, largest);
        var block = random.Chance(0.3f) ? Math.Max(2, (int)(random.Uniform(2, 5) * picture.Unit)) : 1;
        var red = picture.Noise(random);
        var (green, blue) = random.Chance(0.6f) ? (picture.Noise(random), picture.Noise(random)) : (red, red);
        picture.Map((i, colour) =>
        {
            var (x, y) = (i % size, i / size);
            var k = ((y - (y % block)) * size) + x - (x % block);
            return colour + (spread * new Vector3(red[k], green[k], blue[k]));
        });
    }

    /// <summary>Shrinks and enlarges again: detail goes as in a thumbnail.</summary>
    public static void LoseResolution(FilterPicture picture, Random random)
    {
        var small = (int)(picture.Size / random.Uniform(1.4f, 3.2f));
        picture.MapPicture(p => Resizing.To(Resizing.To(p, small), picture.Size));
    }

    /// <summary>Loses what a JPEG file of low quality loses.</summary>
    public static void Compress(FilterPicture picture, Random random) =>
        picture.MapPicture(p => Picture.Load(p.EncodeJpeg(random.Next(8, 40))));
}

/// <summary>Square pictures of another size, borders repeated.</summary>
public static class Resizing
{
    /// <summary>The picture with the side <paramref name="size"/>; the same one where it has it.</summary>
    public static Picture To(Picture square, int size)
    {
        if (square.Width == size)
            return square;
        using var bitmap = square.ToBitmap();
        using var resized = bitmap.Resize(
            new SKSizeI(size, size), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        return Picture.FromBitmap(resized);
    }

    /// <summary>Points of a square scaled to another side; pixel centres are half a pixel from the border.</summary>
    public static Vector2[] To(Vector2[] points, int from, int to)
    {
        var factor = (float)to / from;
        return Array.ConvertAll(points, p => (p * factor) + new Vector2((factor - 1) / 2));
    }
}

/// <summary>Hides part of a face, as hands, hair, speech bubbles and frames do; here bars and ellipses.</summary>
internal static class Occlusion
{
    /// <summary>Draws one shape, solid, noisy, striped or cut from elsewhere in the picture.</summary>
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

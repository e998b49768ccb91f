namespace Mdfld.Training.Augment;

/// <summary>Style filters of modelled or pieced surfaces: film and game renders, clay, mosaic, cubism.</summary>
internal static class ModelFilters
{
    /// <summary>Skin of an animated film: no texture, soft light, strong colours, a glow from below the skin.</summary>
    public static void Film(FilterPicture picture, Random random)
    {
        var radius = random.Uniform(3.5f, 6.5f);
        for (var n = random.Next(1, 3); n > 0; n--)
            picture.Guided(radius, random.Uniform(180, 500));
        Vector3[] soft = [.. picture.Pixels];
        picture.Blur(soft, random.Uniform(3, 5));
        var (glow, contrast, saturation) = (
            random.Uniform(0.15f, 0.45f), random.Uniform(0.05f, 0.2f), random.Uniform(1, 1.4f));
        var warmth = new Vector3(random.Uniform(1, 1.12f), 1, random.Uniform(0.88f, 1));
        picture.Map((i, colour) =>
        {
            var lit = Vector3.Lerp(colour, Vector3.Max(colour, soft[i]), glow)
                + (contrast * (soft[i] - new Vector3(100)));
            var grey = new Vector3(FilterPicture.Luma(lit));
            return FilterPicture.Clamped((grey + (saturation * (lit - grey))) * warmth);
        });
    }

    /// <summary>A game's model of few polygons: a jittered net of triangles of one colour each.</summary>
    public static void LowPolygon(FilterPicture picture, Random random)
    {
        picture.Guided(random.Uniform(2, 4), random.Uniform(100, 900));
        var (size, pitch, jitter) = (picture.Size, random.Uniform(2.8f, 5) * picture.Unit, random.Uniform(0.1f, 0.38f));
        var columns = (int)(size / pitch) + 3;
        var nodes = new Vector2[columns * columns];
        for (var k = 0; k < nodes.Length; k++)
        {
            nodes[k] = pitch * new Vector2(
                (k % columns) - 0.5f + random.Uniform(-jitter, jitter),
                (k / columns) - 0.5f + random.Uniform(-jitter, jitter));
        }
        for (var k = 0; k + columns + 1 < nodes.Length; k++)
        {
            if (k % columns == columns - 1)
                continue;
            var (a, b, c, d) = (nodes[k], nodes[k + 1], nodes[k + columns], nodes[k + columns + 1]);
            var light = random.Uniform(0.93f, 1.07f);
            // The diagonals change their direction from cell to cell.
            var (far, near) = (((k / columns) + (k % columns)) & 1) == 0 ? (d, a) : (c, b);
            Flatten(picture, a, b, far, light);
            Flatten(picture, near, d, c, 2 - light);
        }
    }

    /// <summary>
    /// Modelling clay: a lump for each of a few colours, whatever the light on it, with a rounded rim; eyes, brows and mouth
    /// pressed into it, finger dents, a soft shine.
    /// </summary>
    public static void Clay(FilterPicture picture, Random random)
    {
        ColourFilters.Unshade(picture, random.Uniform(0.5f, 0.8f), random.Uniform(140, 180));
        picture.Guided(random.Uniform(1.5f, 2.5f), random.Uniform(80, 200));
        var grey = picture.Grey();
        var around = picture.Blurred(grey, random.Uniform(3.5f, 5));
        // A face in uneven light is one lump still, and dark hair another.
        picture.Map((_, colour) => colour + new Vector3(0.5f * (150 - FilterPicture.Luma(colour))));
        picture.Kuwahara(random.Uniform(2.5f, 4));
        var skin = random.Chance(0.25f) ? Palette.Vivid(random.NextSingle(), random.Uniform(130, 210))
            : random.Pick<Vector3>(
                new(236, 168, 124), new(224, 150, 108), new(240, 190, 150), new(170, 104, 70), new(228, 152, 140));
        var hair = random.Pick<Vector3>(new(88, 56, 38), new(58, 48, 52), new(136, 82, 42), new(110, 48, 36));
        Palette.Reduce(picture, random.Next(3, 6), random, (at, colour) => Vector3.Lerp(
            at < 0.25f ? hair : skin * (0.8f + (0.3f * at)), colour, at < 0.25f ? 0.1f : 0.3f));
        picture.Blur(random.Uniform(0.8f, 1.3f));
        var height = picture.Blurred(picture.Grey(), 1.5f);
        var (pressed, rough) = (random.Uniform(0.012f, 0.018f), random.Uniform(1, 3));
        picture.Map((i, colour) => colour * Math.Clamp(1 + (pressed * (grey[i] - around[i])), 0.25f, 1.3f));
        var dents = TextureFilters.Clouds(picture, random, random.Uniform(1.4f, 2.4f));
        for (var i = 0; i < height.Length; i++)
            height[i] = (0.4f * height[i]) + (0.8f * grey[i]) + (rough * dents[i]);
        picture.Blur(height, random.Uniform(1, 1.5f));
        Relief(picture, height, Lamp(random), random.Uniform(0.014f, 0.026f), random.Uniform(15, 45));
    }

    public static void Mosaic(FilterPicture picture, Random random)
    {
        var (cells, rims) = Cells(picture, random, random.Uniform(2.4f, 5), random.Uniform(0, 0.9f));
        var stones = new (Vector3 Sum, int Count)[cells.Max() + 1];
        for (var i = 0; i < cells.Length; i++)
        {
            ref var stone = ref stones[cells[i]];
            stone = (stone.Sum + picture.Pixels[i], stone.Count + 1);
        }
        var jitter = random.Uniform(0, 25);
        var colours = Array.ConvertAll(
            stones, s => (s.Sum / s.Count) + new Vector3(jitter * random.Uniform(-1, 1)));
        var mortar = new Vector3(random.Uniform(20, 230));
        var (wide, depth) = (random.Uniform(0.3f, 1.1f) * picture.Unit, random.Uniform(0.2f, 0.9f));
        picture.Map((i, _) => Vector3.Lerp(colours[cells[i]], mortar, depth * Math.Clamp(1 - (rims[i] / wide), 0, 1)));
    }

    /// <summary>
    /// Analytic cubism: straight lines cut the picture into planes, each with its own tint and fall of light, dark on
    /// one side of its edges; the contours of the face stay, drawn over them.
    /// </summary>
    public static void Cubist(FilterPicture picture, Random random)
    {
        picture.Kuwahara(random.Uniform(1.2f, 2.2f));
        var (size, lines, grey) = (picture.Size, DrawingFilters.Lines(picture, random), picture.Grey());
        var cuts = new Plane[random.Next(8, 14)];
        foreach (ref var cut in cuts.AsSpan())
        {
            var normal = Direction(random);
            var through = size * new Vector2(random.Uniform(0.12f, 0.88f), random.Uniform(0.12f, 0.88f));
            cut = new Plane(normal.X, normal.Y, 0, -Vector2.Dot(normal, through));
        }
        var planes = new Dictionary<int, (Vector3 Tint, Vector2 Slope, float Light)>();
        var isEarthen = random.Chance(0.75f);
        var (tinted, inked) = (random.Uniform(0.4f, 0.85f), random.Uniform(0.5f, 1));
        picture.Map((i, colour) =>
        {
            var p = new Vector2(i % size, i / size);
            var (key, edge) = (0, float.MaxValue);
            for (var k = 0; k < cuts.Length; k++)
            {
                var side = Plane.DotCoordinate(cuts[k], new Vector3(p, 0));
                // Only the lit side of a cut casts its shadow on the other.
                if (side > 0)
                    (key, edge) = (key | (1 << k), MathF.Min(edge, side));
            }
            if (!planes.TryGetValue(key, out var plane))
            {
                var tint = isEarthen
                    ? random.Pick<Vector3>(
                        new(176, 138, 88), new(120, 92, 66), new(112, 122, 132), new(140, 136, 104),
                        new(206, 190, 160), new(92, 104, 110), new(160, 104, 72), new(190, 168, 120))
                    : Palette.Vivid(random.NextSingle(), random.Uniform(80, 200));
                planes[key] = plane = (tint, Direction(random), random.Uniform(0.82f, 1.22f));
            }
            // Four tones, softly parted.
            var at = grey[i] / 56;
            var tone = 56 * (MathF.Floor(at) + Math.Clamp(((at - MathF.Floor(at) - 0.5f) / 0.35f) + 0.5f, 0, 1));
            var slope = 1 + (0.35f * Vector2.Dot((p / size) - new Vector2(0.5f), plane.Slope));
            var shadow = 1 - (0.45f * Math.Clamp(1 - (edge / (2.2f * picture.Unit)), 0, 1));
            var ink = 1 - (inked * (1 - lines[i]));
            return Vector3.Lerp(colour, plane.Tint * (tone + 20) / 150, tinted) * plane.Light * slope * shadow * ink;
        });
    }

    /// <summary>
    /// The Voronoi cell of a jittered grid that each pixel lies in, and its distance from the cell's border, pixels.
    /// Jitter: 0 squares, 1 irregular.
    /// </summary>
    public static (int[] Cells, float[] Rims) Cells(FilterPicture picture, Random random, float pitch, float jitter)
    {
        var size = picture.Size;
        pitch *= picture.Unit;
        var columns = (int)(size / pitch) + 3;
        var seeds = new Vector2[columns * columns];
        for (var k = 0; k < seeds.Length; k++)
        {
            var offset = new Vector2(random.NextSingle(), random.NextSingle()) - new Vector2(0.5f);
            seeds[k] = (new Vector2((k % columns) - 0.5f, (k / columns) - 0.5f) + (offset * jitter)) * pitch;
        }
        var (cells, rims) = (new int[size * size], new float[size * size]);
        for (var i = 0; i < cells.Length; i++)
        {
            var p = new Vector2(i % size, i / size);
            var (row, column) = ((int)(p.Y / pitch) + 1, (int)(p.X / pitch) + 1);
            var (best, first, second) = (0, float.MaxValue, float.MaxValue);
            for (var j = row - 1; j <= Math.Min(columns - 1, row + 1); j++)
            {
                for (var k = (j * columns) + column - 1; k <= (j * columns) + Math.Min(columns - 1, column + 1); k++)
                {
                    var distance = Vector2.Distance(seeds[k], p);
                    if (distance < first)
                        (best, first, second) = (k, distance, first);
                    else
                        second = MathF.Min(second, distance);
                }
            }
            (cells[i], rims[i]) = (best, (second - first) / 2);
        }
        return (cells, rims);
    }

    /// <summary>A direction that light comes from: from above.</summary>
    public static Vector2 Lamp(Random random)
    {
        var (sin, cos) = MathF.SinCos(random.Uniform(-2.6f, -0.5f));
        return new Vector2(cos, sin);
    }

    /// <summary>Lights a height under a lamp; the slopes that face it shine.</summary>
    public static void Relief(FilterPicture picture, float[] height, Vector2 lamp, float depth, float shine) =>
        picture.Map((i, colour) =>
        {
            var slope = Vector2.Dot(Smoothing.Slope(height, picture.Size, i), lamp);
            var lit = Math.Clamp(-2 * depth / picture.Unit * slope, -0.55f, 0.6f);
            var gloss = shine * MathF.Pow(Math.Clamp(lit / 0.4f, 0, 1), 3);
            return FilterPicture.Clamped((colour * (1 + lit)) + new Vector3(gloss));
        });

    private static Vector2 Direction(Random random)
    {
        var (sin, cos) = MathF.SinCos(random.Uniform(0, MathF.Tau));
        return new Vector2(cos, sin);
    }

    private static void Flatten(FilterPicture picture, Vector2 a, Vector2 b, Vector2 c, float light)
    {
        var last = new Vector2(picture.Size - 1);
        var low = Vector2.Clamp(Vector2.Min(a, Vector2.Min(b, c)), Vector2.Zero, last);
        var high = Vector2.Clamp(Vector2.Max(a, Vector2.Max(b, c)), Vector2.Zero, last);
        var inside = new List<int>();
        for (var y = (int)MathF.Ceiling(low.Y); y <= (int)high.Y; y++)
        {
            for (var x = (int)MathF.Ceiling(low.X); x <= (int)high.X; x++)
            {
                var p = new Vector2(x, y);
                if (Side(a, b, p) >= 0 && Side(b, c, p) >= 0 && Side(c, a, p) >= 0)
                    inside.Add((y * picture.Size) + x);
            }
        }
        var sum = inside.Aggregate(Vector3.Zero, (sum, i) => sum + picture.Pixels[i]);
        var mean = light / Math.Max(1, inside.Count) * sum;
        foreach (var i in inside)
            picture.Pixels[i] = mean;

        static float Side(Vector2 from, Vector2 to, Vector2 p) =>
            ((to.X - from.X) * (p.Y - from.Y)) - ((to.Y - from.Y) * (p.X - from.X));
    }
}

using System.Numerics;

namespace Mdfld.Training.Augmentation.Looks;

/// <summary>Looks made of pieces: mosaic and cubist facets. Cells are Voronoi cells of a jittered grid.</summary>
internal static class FacetLooks
{
    /// <summary>Small stones of one colour each, and the mortar between them.</summary>
    public static void Mosaic(Canvas canvas, Random random)
    {
        var pitch = random.Uniform(2.4f, 5) * canvas.Unit;
        Cells(canvas, random, pitch, random.Uniform(0, 0.9f), out var columns);
        Span<float> cell = canvas.Scratch(0), rim = canvas.Scratch(1);
        Means(canvas, cell, columns * columns, random.Uniform(0, 25), random);
        var mortar = new Vector3(random.Uniform(20, 230));
        var wide = random.Uniform(0.3f, 1.1f) * canvas.Unit;
        var depth = random.Uniform(0.2f, 0.9f);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            for (var i = 0; i < plane.Length; i++)
                plane[i] = float.Lerp(plane[i], mortar[c], depth * Math.Clamp(1 - (rim[i] / wide), 0, 1));
        }
    }

    /// <summary>
    /// Large facets shift the colours and the light of the picture; its outlines stay, drawn over them.
    /// </summary>
    public static void Cubist(Canvas canvas, Random random)
    {
        if (random.Chance(0.6f))
            Kuwahara.Apply(canvas, Math.Max(1, (int)(random.Uniform(1.2f, 2.5f) * canvas.Unit)));
        var lines = canvas.Scratch(3);
        canvas.Grey(lines);
        InkLines.Draw(canvas, lines, random, false);
        Cells(canvas, random, random.Uniform(16, 40) * canvas.Unit, 0.95f, out var columns);
        Span<float> cell = canvas.Scratch(0), rim = canvas.Scratch(1);
        var facets = new (Vector3 Colour, float Across, float Down, float Light)[columns * columns];
        var (tinted, lit) = (random.Uniform(0.1f, 0.45f), random.Uniform(0.05f, 0.35f));
        for (var k = 0; k < facets.Length; k++)
        {
            var (sin, cos) = MathF.SinCos(random.Uniform(0, MathF.Tau));
            facets[k] = (
                Palette.Vivid(random.NextSingle(), random.Uniform(70, 200)), cos, sin, random.Uniform(-lit, lit));
        }
        var size = canvas.Size;
        var slope = random.Uniform(0, 0.012f) / canvas.Unit;
        var inked = random.Uniform(0.4f, 1);
        var border = random.Uniform(0, 0.5f);
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var i = (y * size) + x;
                var facet = facets[(int)cell[i]];
                var light = 1 + facet.Light
                    + (slope * (((x - (size / 2)) * facet.Across) + ((y - (size / 2)) * facet.Down)));
                var dark = (1 - (inked * (1 - lines[i])))
                    * (1 - (border * Math.Clamp(1 - (rim[i] / canvas.Unit), 0, 1)));
                for (var c = 0; c < Picture.Channels; c++)
                {
                    ref var v = ref canvas.Channel(c)[i];
                    v = float.Lerp(v, v * facet.Colour[c] / 140, tinted) * light * dark;
                }
            }
        }
    }

    /// <summary>
    /// The cell of every pixel into scratch plane 0 and its distance from the cell's border into plane 1.
    /// </summary>
    /// <remarks><c>pitch</c>: Side of the grid, pixels. <c>jitter</c>: 0 squares .. 1 irregular.</remarks>
    public static void Cells(Canvas canvas, Random random, float pitch, float jitter, out int columns)
    {
        var size = canvas.Size;
        columns = (int)(size / pitch) + 3;
        var seeds = new Vector2[columns * columns];
        for (var k = 0; k < seeds.Length; k++)
        {
            var (row, column) = Math.DivRem(k, columns);
            var offset = new Vector2(random.NextSingle(), random.NextSingle()) - new Vector2(0.5f);
            seeds[k] = (new Vector2(column - 0.5f, row - 0.5f) + (offset * jitter)) * pitch;
        }
        Span<float> cell = canvas.Scratch(0), rim = canvas.Scratch(1);
        for (var y = 0; y < size; y++)
        {
            var row = (int)(y / pitch) + 1;
            for (var x = 0; x < size; x++)
            {
                var column = (int)(x / pitch) + 1;
                var (best, first, second) = (0, float.MaxValue, float.MaxValue);
                for (var j = Math.Max(0, row - 1); j <= Math.Min(columns - 1, row + 1); j++)
                {
                    for (var k = (j * columns) + column - 1;
                        k <= (j * columns) + Math.Min(columns - 1, column + 1);
                        k++)
                    {
                        var distance = Vector2.DistanceSquared(seeds[k], new Vector2(x, y));
                        if (distance < first)
                            (best, first, second) = (k, distance, first);
                        else if (distance < second)
                            second = distance;
                    }
                }
                var i = (y * size) + x;
                (cell[i], rim[i]) = (best, (MathF.Sqrt(second) - MathF.Sqrt(first)) / 2);
            }
        }
    }

    private static void Means(Canvas canvas, ReadOnlySpan<float> cell, int count, float jitter, Random random)
    {
        var sums = new float[count];
        var counts = new int[count];
        foreach (var k in cell)
            counts[(int)k]++;
        Span<float> shades = new float[count];
        foreach (ref var shade in shades)
            shade = jitter * random.Uniform(-1, 1);
        for (var c = 0; c < Picture.Channels; c++)
        {
            Array.Clear(sums);
            var plane = canvas.Channel(c);
            for (var i = 0; i < plane.Length; i++)
                sums[(int)cell[i]] += plane[i];
            for (var i = 0; i < plane.Length; i++)
            {
                var k = (int)cell[i];
                plane[i] = (sums[k] / counts[k]) + shades[k];
            }
        }
    }
}

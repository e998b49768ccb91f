using System.Numerics;

namespace Mdfld.Training.Augmentation;

/// <summary>
/// Reads a picture at arbitrary places into a canvas. Before a picture is shrunk by more than two, the part needed is
/// halved (2 x 2 means) until it is not. Keeps its buffers between pictures; one thread at a time.
/// </summary>
public sealed class PictureSampler(int size)
{
    private readonly Vector2[] _row = new Vector2[size];
    private byte[] _halved = [];
    private byte[] _quartered = [];

    /// <summary>Fills the canvas with the places <paramref name="plan"/> names.</summary>
    public void Sample(Picture picture, PictureMap plan, BorderFill border, bool nearest, Canvas canvas)
    {
        var level = Reduce(picture, plan);
        for (var y = 0; y < size; y++)
        {
            plan.SourceRow(y, _row);
            var start = y * size;
            var red = canvas.Red.Slice(start, size);
            var green = canvas.Green.Slice(start, size);
            var blue = canvas.Blue.Slice(start, size);
            for (var x = 0; x < size; x++)
            {
                var p = (_row[x] * level.Scale) + level.Offset;
                if (nearest)
                    p = new Vector2(MathF.Round(p.X), MathF.Round(p.Y));
                var colour = level.At(p, border);
                (red[x], green[x], blue[x]) = (colour.X, colour.Y, colour.Z);
            }
        }
    }

    private Level Reduce(Picture picture, PictureMap plan)
    {
        var whole = new Level(picture.Data, picture.Width, picture.Height, 1, Vector2.Zero);
        if (plan.PixelsPerPixel < 2)
            return whole;
        var (low, high) = plan.SourceBounds(_row);
        // Two pixels of the coarsest level on each side, and even corners, keep every mean inside the picture.
        var margin = 4 * (int)plan.PixelsPerPixel;
        var left = Math.Clamp((int)low.X - margin, 0, picture.Width - 1) & ~1;
        var top = Math.Clamp((int)low.Y - margin, 0, picture.Height - 1) & ~1;
        var right = Math.Clamp((int)high.X + margin, left + 1, picture.Width);
        var bottom = Math.Clamp((int)high.Y + margin, top + 1, picture.Height);
        Level level;
        var first = true;
        var pixels = plan.PixelsPerPixel;
        level = whole;
        while (pixels >= 2)
        {
            var (width, height) = first
                ? ((right - left + 1) / 2, (bottom - top + 1) / 2)
                : ((level.Width + 1) / 2, (level.Height + 1) / 2);
            var need = width * height * Picture.Channels;
            // Levels alternate between two buffers: one is read while the other is written.
            ref var buffer = ref first || level.UsesSecond ? ref _halved : ref _quartered;
            if (buffer.Length < need)
                buffer = new byte[need];
            if (first)
                Halve(
                    picture.Data[(((top * picture.Width) + left) * Picture.Channels)..], picture.Width,
                    right - left, bottom - top, buffer);
            else
                Halve(level.Data, level.Width, level.Width, level.Height, buffer);
            var offset = first ? new Vector2(-left, -top) : level.Offset;
            level = new Level(buffer, width, height, level.Scale / 2, (offset / 2) - new Vector2(0.25f))
            {
                UsesSecond = !first && !level.UsesSecond,
            };
            first = false;
            pixels /= 2;
        }
        return level;
    }

    private static void Halve(ReadOnlySpan<byte> source, int stride, int width, int height, Span<byte> target)
    {
        const int Channels = Picture.Channels;
        var (columns, rows) = ((width + 1) / 2, (height + 1) / 2);
        for (var y = 0; y < rows; y++)
        {
            var upper = source.Slice(2 * y * stride * Channels, width * Channels);
            var lower = (2 * y) + 1 < height
                ? source.Slice(((2 * y) + 1) * stride * Channels, width * Channels)
                : upper;
            var output = target.Slice(y * columns * Channels, columns * Channels);
            for (int x = 0, o = 0; x < columns; x++)
            {
                var i = 2 * x * Channels;
                var j = (2 * x) + 1 < width ? i + Channels : i;
                for (var c = 0; c < Channels; c++, o++)
                    output[o] = (byte)((upper[i + c] + upper[j + c] + lower[i + c] + lower[j + c] + 2) >> 2);
            }
        }
    }

    /// <summary>A picture or a halved part of it, and how places of the picture are found in it.</summary>
    private readonly ref struct Level(ReadOnlySpan<byte> data, int width, int height, float scale, Vector2 offset)
    {
        private readonly ReadOnlySpan<byte> _data = data;

        public ReadOnlySpan<byte> Data => _data;

        public int Width => width;

        public int Height => height;

        public float Scale => scale;

        public Vector2 Offset => offset;

        public bool UsesSecond { get; init; }

        public Vector3 At(Vector2 p, BorderFill border)
        {
            // Far outside nothing changes any more, and integers must not overflow.
            p = Vector2.Clamp(p, new Vector2(-30000), new Vector2(30000));
            var x = (int)MathF.Floor(p.X);
            var y = (int)MathF.Floor(p.Y);
            var (fx, fy) = (p.X - x, p.Y - y);
            if ((uint)x < (uint)(width - 1) && (uint)y < (uint)(height - 1))
            {
                var i = ((y * width) + x) * Picture.Channels;
                var upper = _data.Slice(i, 2 * Picture.Channels);
                var lower = _data.Slice(i + (width * Picture.Channels), 2 * Picture.Channels);
                return Vector3.Lerp(
                    Vector3.Lerp(new(upper[0], upper[1], upper[2]), new(upper[3], upper[4], upper[5]), fx),
                    Vector3.Lerp(new(lower[0], lower[1], lower[2]), new(lower[3], lower[4], lower[5]), fx),
                    fy);
            }
            return Vector3.Lerp(
                Vector3.Lerp(Pixel(x, y, border), Pixel(x + 1, y, border), fx),
                Vector3.Lerp(Pixel(x, y + 1, border), Pixel(x + 1, y + 1, border), fx),
                fy);
        }

        private Vector3 Pixel(int x, int y, BorderFill border)
        {
            var (i, j) = (border.Index(x, width), border.Index(y, height));
            if (i < 0 || j < 0)
                return new Vector3(border.Red, border.Green, border.Blue);
            var k = ((j * width) + i) * Picture.Channels;
            return new Vector3(_data[k], _data[k + 1], _data[k + 2]);
        }
    }
}

namespace Mdfld.Training.Augmentation.Looks;

/// <summary>Looks that lay a pattern over the picture: print dots, canvas, paper, coarse pixels.</summary>
internal static class TextureLooks
{
    /// <summary>
    /// Dots that grow with darkness: one grid for all channels, or three turned ones as in colour print.
    /// </summary>
    public static void Halftone(Canvas canvas, Random random)
    {
        var period = random.Uniform(2.6f, 5) * canvas.Unit;
        var angle = random.Uniform(0, MathF.PI / 2);
        var hard = random.Uniform(1.5f, 6);
        var keep = random.Uniform(0, 0.5f);
        var size = canvas.Size;
        var grey = canvas.Scratch(0);
        var oneScreen = random.Chance(0.5f);
        canvas.Grey(grey);
        if (oneScreen && random.Chance(0.6f))
            canvas.SetGrey(grey);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            var (sin, cos) = MathF.SinCos(angle + (oneScreen ? 0 : c * MathF.PI / 6));
            var (waveX, waveY) = (MathF.Tau / period * cos, MathF.Tau / period * sin);
            for (var y = 0; y < size; y++)
            {
                // cos(a) cos(b) of the turned coordinates = half the sum of two plane waves, each advanced by rotation.
                var sum = new Phase((waveX + waveY) * y, waveX - waveY);
                var difference = new Phase((waveX - waveY) * y, -waveX - waveY);
                var row = plane.Slice(y * size, size);
                foreach (ref var v in row)
                {
                    var screen = 0.5f + (0.25f * (sum.Next() + difference.Next()));
                    var printed = Math.Clamp((((v / 255) - screen) * hard) + 0.5f, 0, 1) * 255;
                    v = printed + ((v - printed) * keep);
                }
            }
        }
    }

    /// <summary>The weave of canvas: two crossed waves of threads, lighter and darker.</summary>
    public static void Weave(Canvas canvas, Random random)
    {
        var period = random.Uniform(2, 4) * canvas.Unit;
        var depth = random.Uniform(0.05f, 0.2f);
        var size = canvas.Size;
        var texture = canvas.Scratch(0);
        FillNoise(texture, random);
        PlaneFilters.Box(texture, texture, canvas.Scratch(1), size, 1);
        Span<float> across = stackalloc float[size];
        for (var x = 0; x < size; x++)
            across[x] = MathF.Cos(x * MathF.Tau / period);
        for (var y = 0; y < size; y++)
        {
            var down = MathF.Cos(y * MathF.Tau / period);
            var row = texture.Slice(y * size, size);
            for (var x = 0; x < size; x++)
                row[x] = 1 + (depth * ((0.6f * across[x]) + (0.6f * down) + row[x]));
        }
        Multiply(canvas, texture);
    }

    /// <summary>Paper: noise of two sizes, and often a tint.</summary>
    public static void Paper(Canvas canvas, Random random)
    {
        Span<float> texture = canvas.Scratch(0), fine = canvas.Scratch(1), scratch = canvas.Scratch(2);
        FillNoise(texture, random);
        FillNoise(fine, random);
        var deviation = random.Uniform(1.5f, 5) * canvas.Unit;
        PlaneFilters.Gaussian(texture, texture, scratch, canvas.Size, deviation);
        // A blur of white noise keeps 1 / (2 sqrt(pi) deviation) of its spread.
        var coarse = random.Uniform(0, 0.05f) * 2 * MathF.Sqrt(MathF.PI) * deviation;
        var grain = random.Uniform(0.01f, 0.07f);
        for (var i = 0; i < texture.Length; i++)
            texture[i] = 1 + (coarse * texture[i]) + (grain * fine[i]);
        Multiply(canvas, texture);
        if (!random.Chance(0.5f))
            return;
        var strength = random.Uniform(0.1f, 0.4f);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var tint = random.Uniform(150, 255);
            foreach (ref var v in Canvas.Lanes(canvas.Channel(c)))
                v += (v * (tint / 255) - v) * strength;
        }
    }

    /// <summary>Fine noise: the tooth of a paper.</summary>
    public static void Grain(Canvas canvas, Random random, float amount)
    {
        var texture = canvas.Scratch(0);
        FillNoise(texture, random);
        foreach (ref var v in texture)
            v = 1 + (amount * v);
        Multiply(canvas, texture);
    }

    /// <summary>Coarse pixels, two to four wide.</summary>
    public static void Pixelate(Canvas canvas, Random random)
    {
        var block = Math.Max(2, (int)(random.Uniform(2, 4.5f) * canvas.Unit));
        var size = canvas.Size;
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            for (var top = 0; top < size; top += block)
            {
                var bottom = Math.Min(top + block, size);
                for (var left = 0; left < size; left += block)
                {
                    var width = Math.Min(block, size - left);
                    var sum = 0f;
                    for (var y = top; y < bottom; y++)
                    {
                        foreach (var v in plane.Slice((y * size) + left, width))
                            sum += v;
                    }
                    for (var y = top; y < bottom; y++)
                        plane.Slice((y * size) + left, width).Fill(sum / (width * (bottom - top)));
                }
            }
        }
    }

    private static void FillNoise(Span<float> plane, Random random)
    {
        var noise = new NoiseSource(random);
        noise.FillNormal(plane);
    }

    private static void Multiply(Canvas canvas, Span<float> factor)
    {
        var f = Canvas.Lanes(factor);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = Canvas.Lanes(canvas.Channel(c));
            for (var i = 0; i < plane.Length; i++)
                plane[i] *= f[i];
        }
    }

    /// <summary>cos(start + n step) by rotation: no trigonometry per pixel.</summary>
    private struct Phase
    {
        private readonly float _stepCos;
        private readonly float _stepSin;
        private float _cos;
        private float _sin;

        public Phase(float start, float step)
        {
            (_sin, _cos) = MathF.SinCos(start);
            (_stepSin, _stepCos) = MathF.SinCos(step);
        }

        public float Next()
        {
            var now = _cos;
            (_cos, _sin) = ((_cos * _stepCos) - (_sin * _stepSin), (_sin * _stepCos) + (_cos * _stepSin));
            return now;
        }
    }
}

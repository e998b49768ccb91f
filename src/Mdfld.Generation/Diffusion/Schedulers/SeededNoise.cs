namespace Mdfld.Generation;

/// <summary>
/// Normal random numbers, each a function of seed, stream and index: the same bits in any order, for any number of
/// threads, on every processor. Philox4x32-10 (Salmon et al. 2011), then Box, Muller 1958; logarithm and sine are
/// computed here, because those of the platforms differ in the last bit.
/// </summary>
internal sealed class SeededNoise(ulong seed)
{
    private const int PerBlock = 4;
    private const int Rounds = 10;
    private const double Least = 1.0 / (1L << 32);

    /// <summary>
    /// Fills with normal numbers of mean 0 and variance 1. Number i is the same however many there are; every stream
    /// has numbers of its own.
    /// </summary>
    public void Fill(Span<float> numbers, uint stream)
    {
        Span<uint> block = stackalloc uint[PerBlock];
        Span<float> normal = stackalloc float[PerBlock];
        for (var start = 0; start < numbers.Length; start += PerBlock)
        {
            Block((ulong)(start / PerBlock), stream, block);
            for (var i = 0; i < PerBlock; i += 2)
            {
                var radius = Math.Sqrt(-2 * Log((block[i] + 0.5) * Least));
                var (sin, cos) = SinCosOfTurn((block[i + 1] + 0.5) * Least);
                (normal[i], normal[i + 1]) = ((float)(radius * cos), (float)(radius * sin));
            }
            normal[..Math.Min(PerBlock, numbers.Length - start)].CopyTo(numbers[start..]);
        }
    }

    internal void Block(ulong index, ulong stream, Span<uint> block)
    {
        var (a, b, c, d) = ((uint)index, (uint)(index >> 32), (uint)stream, (uint)(stream >> 32));
        var (key0, key1) = ((uint)seed, (uint)(seed >> 32));
        for (var round = 0; round < Rounds; round++)
        {
            var (first, second) = (0xD2511F53UL * a, 0xCD9E8D57UL * c);
            (a, b, c, d) = ((uint)(second >> 32) ^ b ^ key0, (uint)second, (uint)(first >> 32) ^ d ^ key1, (uint)first);
            key0 += 0x9E3779B9;
            key1 += 0xBB67AE85;
        }
        (block[0], block[1], block[2], block[3]) = (a, b, c, d);
    }

    /// <summary>Natural logarithm of a positive normal number: 2 artanh((m - 1) / (m + 1)) + exponent log 2.</summary>
    private static double Log(double x)
    {
        var bits = BitConverter.DoubleToInt64Bits(x);
        var exponent = (int)(bits >> 52) - 1023;
        var mantissa = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000);
        if (mantissa > 1.4142135623730951)
            (mantissa, exponent) = (mantissa / 2, exponent + 1);
        var t = (mantissa - 1) / (mantissa + 1);
        var (square, sum) = (t * t, 0.0);
        for (var k = 21; k >= 1; k -= 2)
            sum = (sum * square) + (1.0 / k);
        return (2 * t * sum) + (exponent * 0.6931471805599453);
    }

    /// <summary>Sine and cosine of a share of a turn, 0 to 1: by Taylor for an eighth, then by quarters.</summary>
    private static (double Sin, double Cos) SinCosOfTurn(double turn)
    {
        var quarter = (int)((turn * 4) + 0.5);
        var x = ((turn * 4) - quarter) * (Math.PI / 2);
        var (square, sin, cos) = (x * x, 1.0, 1.0);
        for (var k = 16; k >= 2; k -= 2)
        {
            cos = 1 - (cos * square / (k * (k - 1)));
            sin = 1 - (sin * square / (k * (k + 1)));
        }
        sin *= x;
        return (quarter & 3) switch
        {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        };
    }
}

internal static class RandomNormal
{
    extension(Random random)
    {
        /// <summary>Draws numbers of mean 0 and variance 1; takes one number of the generator.</summary>
        public float[] Normal(int count)
        {
            var numbers = new float[count];
            new SeededNoise((ulong)random.NextInt64()).Fill(numbers, stream: 0);
            return numbers;
        }
    }
}

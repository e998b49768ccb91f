using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Mdfld.Diffusion.Synthesis;

/// <summary>
/// Where a sample's random numbers come from: its run's seed, its style, its index and the attempt, nothing else.
/// </summary>
internal static class SampleSeed
{
    /// <summary>A seed of 31 bits, spread by SHA-256.</summary>
    public static int Of(long seed, string style, int index, int attempt)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{seed}/{style}/{index}/{attempt}");
        return BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name))) & int.MaxValue;
    }
}

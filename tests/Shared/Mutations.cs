using System.Buffers.Binary;
using System.Text;

namespace Mdfld.Tests;

/// <summary>Files damaged as disks, networks and attackers damage them.</summary>
internal static class Mutations
{
    /// <summary>What text formats are made of, in the wrong place.</summary>
    private static readonly byte[][] Words = [.. ((string[])
    [
        "\"", "{", "}", "[", "]", "<", ">", "\t", ",", "\n", "null", "-", "9", "e99", "NaN", "1e400", "../", "/", ": ",
        "- ", "&a ", "*a", "!!str ", "\\ud800", "&#0;", "<points points=\"1,2\"/>", "\"keypoints\":[1,2,2],", "\0",
        "\uFEFF", "99999999999", "true", "''",
    ]).Select(Encoding.UTF8.GetBytes)];

    /// <summary>A copy with one to four changes, each of at most eight bytes but for a cut.</summary>
    public static byte[] Mutated(byte[] whole, Random random)
    {
        var bytes = whole.ToArray();
        for (var count = random.Next(1, 5); count > 0 && bytes.Length > 8; count--)
        {
            var place = random.Next(bytes.Length);
            var length = Math.Min(random.Next(1, 9), bytes.Length - place);
            switch (random.Next(10))
            {
                case 0:
                    bytes[place] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    random.NextBytes(bytes.AsSpan(place, length));
                    break;
                case 2:
                    bytes.AsSpan(place, length).Fill((byte)(random.Next(2) * 255));
                    break;
                case 3:
                    bytes = [.. bytes[..place], .. bytes[(place + length)..]];
                    break;
                case 4:
                    bytes.AsSpan(random.Next(bytes.Length - length), length).CopyTo(bytes.AsSpan(place));
                    break;
                case 5:
                    bytes = [
                        .. bytes[..place], .. bytes.AsSpan(random.Next(bytes.Length - length), length),
                        .. bytes[place..]];
                    break;
                case 6:
                    bytes = [.. bytes[..place], .. Words[random.Next(Words.Length)], .. bytes[place..]];
                    break;
                case 7:
                    Write(bytes.AsSpan(place), Extreme(random), random);
                    break;
                case 8:
                    bytes[place] = (byte)random.Next(256);
                    break;
                // Rarer than the rest: little is left of what was cut early.
                default:
                    if (random.Next(4) == 0)
                        bytes = bytes[..Math.Max(place, 1)];
                    break;
            }
        }
        return bytes;
    }

    private static void Write(Span<byte> target, uint number, Random random)
    {
        if (target.Length < 4)
            return;
        switch (random.Next(4))
        {
            case 0:
                BinaryPrimitives.WriteUInt32BigEndian(target, number);
                break;
            case 1:
                BinaryPrimitives.WriteUInt32LittleEndian(target, number);
                break;
            case 2:
                BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)number);
                break;
            default:
                BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)number);
                break;
        }
    }

    private static uint Extreme(Random random) => random.Next(6) switch
    {
        0 => 0,
        1 => uint.MaxValue,
        2 => int.MaxValue,
        3 => 0x80000000,
        4 => 0x00010001,
        _ => (uint)random.Next(1000),
    };
}

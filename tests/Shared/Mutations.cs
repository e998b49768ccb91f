namespace Mdfld.Tests;

/// <summary>Files damaged as disks, networks and attackers damage them.</summary>
internal static class Mutations
{
    /// <summary>
    /// A copy with one to four changes of up to eight bytes each: flipped, filled, removed or repeated.
    /// </summary>
    public static byte[] Mutated(byte[] whole, Random random)
    {
        var bytes = whole.ToArray();
        for (var count = random.Next(1, 5); count > 0; count--)
        {
            var place = random.Next(bytes.Length);
            var length = Math.Min(random.Next(1, 9), bytes.Length - place);
            switch (random.Next(5))
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
                default:
                    bytes = [
                        .. bytes[..place], .. bytes.AsSpan(random.Next(bytes.Length - length), length),
                        .. bytes[place..]];
                    break;
            }
        }
        return bytes;
    }
}

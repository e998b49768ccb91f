using Mdfld.Torch.Checkpoints;

namespace Mdfld.Tests.Checkpoints;

/// <summary>
/// Damaged files: either refused with InvalidDataException or read, within memory of the file's size.
/// </summary>
public sealed class CheckpointFuzzTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Files => ["pickle_zoo.pkl", "pickle_zoo_legacy.pkl", "pickle_zoo.safetensors"];

    [Theory]
    [MemberData(nameof(Files))]
    public void EveryTruncationIsRefused(string name)
    {
        var whole = File.ReadAllBytes(TestFiles.Golden(name));
        for (var length = 0; length < whole.Length; length += length < 100 ? 1 : 13)
            Assert.False(TryRead(whole[..length]), $"{name} cut to {length} bytes was read");
        Assert.True(TryRead(whole));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void MutationsAreRefusedOrRead(string name)
    {
        var whole = File.ReadAllBytes(TestFiles.Golden(name));
        var random = new Random(1);
        var refused = 0;
        for (var round = 0; round < 10_000; round++)
            refused += TryRead(Mutated(whole, random)) ? 0 : 1;
        // Damage to elements cannot be noticed, damage to the description mostly is.
        Assert.InRange(refused, 1000, 9999);
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Mutated(byte[] whole, Random random)
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

    private bool TryRead(byte[] bytes)
    {
        var path = _folder["damaged.bin"];
        File.WriteAllBytes(path, bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = TryReadAll(path);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000 + (200L * bytes.Length));
        return read;
    }

    private static bool TryReadAll(string path)
    {
        try
        {
            using var checkpoint = Checkpoint.Load(path);
            foreach (var tensor in checkpoint.StateDict(checkpoint.HasStateDict("net") ? "net" : null).Values)
                tensor.CopyTo(new byte[tensor.ByteCount]);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}

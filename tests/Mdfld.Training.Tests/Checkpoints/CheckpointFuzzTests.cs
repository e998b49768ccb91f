using Mdfld.Training.Weights;

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
        // Damage to elements cannot be noticed, damage to the description mostly is.
        new Fuzz($"checkpoint {name}", typeof(InvalidDataException)) { Allowed = 1_000_000, AllowedPerByte = 200 }.Run(
            [whole],
            (_, bytes) =>
            {
                File.WriteAllBytes(_folder["damaged.bin"], bytes);
                ReadAll(_folder["damaged.bin"]);
            });
    }

    public void Dispose() => _folder.Dispose();

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
            ReadAll(path);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static void ReadAll(string path)
    {
        using var checkpoint = Checkpoint.Load(path);
        foreach (var tensor in checkpoint.StateDict(checkpoint.HasStateDict("net") ? "net" : null).Values)
            tensor.CopyTo(new byte[tensor.ByteCount]);
    }
}

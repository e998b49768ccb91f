namespace Mdfld.Torch.Checkpoints;

/// <summary>The bytes behind a <see cref="RawTensor"/>, little-endian, wherever they lie.</summary>
internal abstract class TensorData
{
    /// <summary>Number of bytes.</summary>
    public abstract long Length { get; }

    /// <summary>
    /// Copies the bytes from <paramref name="offset"/> on; the caller stays within <see cref="Length"/>.
    /// </summary>
    public abstract void Read(long offset, Span<byte> destination);
}

/// <summary>Bytes in managed memory.</summary>
internal sealed class MemoryData(ReadOnlyMemory<byte> bytes) : TensorData
{
    public override long Length => bytes.Length;

    public override void Read(long offset, Span<byte> destination) =>
        bytes.Span.Slice(checked((int)offset), destination.Length).CopyTo(destination);
}

/// <summary>A range of an open file, read when it is asked for.</summary>
internal sealed class FileSlice(CheckpointFile file, long start, long length) : TensorData
{
    public override long Length => length;

    public override void Read(long offset, Span<byte> destination) => file.Read(start + offset, destination);
}

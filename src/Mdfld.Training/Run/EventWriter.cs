using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Mdfld.Training.TensorBoard;

/// <summary>
/// Writes curves and pictures of a training run for TensorBoard: <c>tensorboard --logdir FOLDER</c>. Every call reaches
/// the operating system before it returns, so a killed run loses nothing. Any thread may call.
/// </summary>
internal sealed class EventWriter : IDisposable
{
    private readonly Lock _lock = new();
    private readonly FileStream _file;
    private readonly TimeProvider _clock;

    /// <summary>Starts a new event file.</summary>
    /// <param name="folder">Made if absent; TensorBoard shows its files as one run.</param>
    /// <param name="startStep">The first step; what an interrupted run wrote from there on is no longer shown.</param>
    /// <param name="clock">Null: the system's.</param>
    public EventWriter(string folder, long startStep = 0, TimeProvider? clock = null)
    {
        _clock = clock ?? TimeProvider.System;
        Directory.CreateDirectory(folder);
        _file = Create(folder, _clock.GetUtcNow().ToUnixTimeSeconds());
        Write(new Event { FileVersion = "brain.Event:2" });
        if (startStep > 0)
            Write(new Event { Step = startStep, SessionLog = new() { Status = SessionLog.Types.SessionStatus.Start } });
    }

    public string Path => _file.Name;

    /// <summary>Adds a point to a curve, in single precision; a tag <c>group/name</c> sorts it into a group.</summary>
    public void Scalar(string tag, long step, double value) =>
        Write(step, new() { Tag = tag, SimpleValue = (float)value });

    /// <summary>Shows a picture of any size, kept as PNG.</summary>
    public void Picture(string tag, long step, Picture picture) => Write(step, new()
    {
        Tag = tag,
        Image = new()
        {
            Width = picture.Width,
            Height = picture.Height,
            Colorspace = Mdfld.Picture.Channels,
            EncodedImageString = UnsafeByteOperations.UnsafeWrap(picture.EncodePng()),
        },
    });

    public void Dispose() => _file.Dispose();

    private void Write(long step, Summary.Types.Value value) =>
        Write(new Event { Step = step, Summary = new() { Value = { value } } });

    private void Write(Event record)
    {
        lock (_lock)
        {
            record.WallTime = (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
            RecordFile.Append(_file, record.ToByteArray());
            _file.Flush();
        }
    }

    /// <summary>TensorBoard reads files in the order of their names: time, then a running number.</summary>
    private static FileStream Create(string folder, long seconds)
    {
        for (var number = 0; ; number++)
        {
            var name = string.Create(
                CultureInfo.InvariantCulture, $"events.out.tfevents.{seconds:D10}.{number:D4}.mdfld");
            var path = System.IO.Path.Combine(folder, name);
            if (!File.Exists(path))
                return new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        }
    }
}

/// <summary>
/// TensorFlow's record format: length (64 bits), its checksum, the bytes, their checksum (32 bits each), little-endian.
/// </summary>
/// <remarks>https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details</remarks>
internal static class RecordFile
{
    public static void Append(Stream stream, ReadOnlySpan<byte> record)
    {
        var length = BitConverter.GetBytes((long)record.Length);
        stream.Write(length);
        stream.Write(BitConverter.GetBytes(MaskedChecksum(length)));
        stream.Write(record);
        stream.Write(BitConverter.GetBytes(MaskedChecksum(record)));
    }

    /// <summary>CRC-32C, rotated right by 15 bits and shifted: checksums of checksums are weak without.</summary>
    public static uint MaskedChecksum(ReadOnlySpan<byte> bytes) =>
        BitOperations.RotateRight(Crc32C(bytes), 15) + 0xa282ead8;

    /// <summary>CRC-32 with Castagnoli's polynomial (RFC 3720, appendix B.4).</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in MemoryMarshal.Cast<byte, ulong>(bytes))
            crc = BitOperations.Crc32C(crc, value);
        foreach (var value in bytes[(bytes.Length & ~7)..])
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}

using System.Text;
using Google.Protobuf;
using Mdfld.Training.TensorBoard;

namespace Mdfld.Tests.TensorBoard;

public sealed class EventWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void ChecksumsAreThoseOfRfc3720()
    {
        Assert.Equal(0x8a9136aaU, RecordFile.Crc32C(new byte[32]));
        Assert.Equal(0x62a8ab43U, RecordFile.Crc32C(Enumerable.Repeat((byte)255, 32).ToArray()));
        Assert.Equal(0x46dd794eU, RecordFile.Crc32C([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
        Assert.Equal(0x113fdb5cU, RecordFile.Crc32C([.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))]));
        Assert.Equal(0xe3069283U, RecordFile.Crc32C("123456789"u8));
        Assert.Equal(0U, RecordFile.Crc32C([]));
    }

    [Fact]
    public void ScalarsAndPicturesAreReadBack()
    {
        var picture = new Picture(3, 2);
        picture.Data[0] = 200;
        var started = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        string path;
        using (var writer = new EventWriter(_folder["run"]))
        {
            path = writer.Path;
            writer.Scalar("loss/total", 7, 0.25);
            writer.Scalar("nme", 1L << 40, double.NaN);
            writer.Picture("faces", 8, picture);
            // A killed run: what was written is there although nothing was closed.
            Assert.Equal(4, Records(path).Count);
        }
        Assert.Contains("tfevents", Path.GetFileName(path));
        var events = Records(path);
        Assert.Equal("brain.Event:2", Encoding.ASCII.GetString(Field(events[0], 3)));
        Assert.All(events, record => Assert.InRange(BitConverter.ToDouble(Field(record, 1)) - started, 0, 3600));

        Assert.Equal(7, Number(events[1], 2));
        var total = Field(Field(events[1], 5), 1);
        Assert.Equal("loss/total", Encoding.UTF8.GetString(Field(total, 1)));
        Assert.Equal(0.25f, BitConverter.ToSingle(Field(total, 2)));

        Assert.Equal(1L << 40, Number(events[2], 2));
        Assert.Equal(float.NaN, BitConverter.ToSingle(Field(Field(Field(events[2], 5), 1), 2)));

        var faces = Field(Field(Field(events[3], 5), 1), 4);
        Assert.Equal((2L, 3L, 3L), (Number(faces, 1), Number(faces, 2), Number(faces, 3)));
        Assert.Equal(picture.Data.ToArray(), Mdfld.Picture.Load(Field(faces, 4)).Data.ToArray());
    }

    [Fact]
    public void ResumedRunWritesAFileOfItsOwnThatSortsLater()
    {
        var folder = _folder["run"];
        string first, second;
        using (var writer = new EventWriter(folder))
        {
            first = writer.Path;
            writer.Scalar("loss", 1, 1);
        }
        using (var writer = new EventWriter(folder, startStep: 120))
        {
            second = writer.Path;
            writer.Scalar("loss", 120, 1);
        }
        Assert.Equal(2, Directory.GetFiles(folder).Length);
        Assert.True(string.CompareOrdinal(first, second) < 0);
        Assert.Equal(2, Records(first).Count);
        var start = Records(second)[1];
        Assert.Equal(120, Number(start, 2));
        Assert.Equal(1, Number(Field(start, 7), 1));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Splits a record file, with a checksum computed bit by bit.</summary>
    private static List<byte[]> Records(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new BinaryReader(stream);
        var records = new List<byte[]>();
        while (stream.Position < stream.Length)
        {
            var length = reader.ReadBytes(8);
            Assert.Equal(Masked(length), reader.ReadUInt32());
            var record = reader.ReadBytes((int)BitConverter.ToInt64(length));
            Assert.Equal(Masked(record), reader.ReadUInt32());
            records.Add(record);
        }
        return records;
    }

    private static uint Masked(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0x82f63b78);
        }
        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }

    private static long Number(byte[] message, int field) => new CodedInputStream(Field(message, field)).ReadInt64();

    /// <summary>The first value of a field, by its number alone: the writer's schema takes no part.</summary>
    private static byte[] Field(byte[] message, int field)
    {
        var input = new CodedInputStream(message);
        while (!input.IsAtEnd)
        {
            var tag = input.ReadTag();
            byte[] value = WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => Varint(input.ReadUInt64()),
                WireFormat.WireType.Fixed64 => BitConverter.GetBytes(input.ReadFixed64()),
                WireFormat.WireType.Fixed32 => BitConverter.GetBytes(input.ReadFixed32()),
                _ => input.ReadBytes().ToByteArray(),
            };
            if (WireFormat.GetTagFieldNumber(tag) == field)
                return value;
        }
        throw new KeyNotFoundException($"field {field}");
    }

    private static byte[] Varint(ulong value)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream))
            output.WriteUInt64(value);
        return stream.ToArray();
    }
}

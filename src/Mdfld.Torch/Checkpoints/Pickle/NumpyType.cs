using System.Buffers.Binary;

namespace Mdfld.Torch.Checkpoints.Pickle;

/// <summary>A numpy dtype such as <c>f8</c>: a kind and a number of bytes. Only numbers, little-endian.</summary>
internal sealed class NumpyType
{
    private static readonly string[] Names = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "b1"];

    private readonly string _name;

    private NumpyType(string name) => _name = name;

    public static NumpyType Make(Unpickler unpickler, object?[] arguments) =>
        arguments is [string name, ..] && Names.Contains(name)
            ? new(name)
            : throw unpickler.Cursor.Bad("a numpy type other than of plain numbers");

    /// <summary>numpy's <c>scalar(dtype, bytes)</c>, which becomes a plain number.</summary>
    public static object Scalar(Unpickler unpickler, object?[] arguments) =>
        arguments is [NumpyType type, byte[] bytes] && bytes.Length == type._name[1] - '0'
            ? type.Decode(bytes)
            : throw unpickler.Cursor.Bad("a numpy scalar that is no number");

    public void CheckByteOrder(string order, PickleCursor cursor)
    {
        if (order is not ("<" or "|" or "="))
            throw cursor.Bad($"a numpy type of byte order '{order}'; little-endian is read");
    }

    private object Decode(ReadOnlySpan<byte> bytes) => _name switch
    {
        "f2" => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        "f4" => (double)BinaryPrimitives.ReadSingleLittleEndian(bytes),
        "f8" => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        "i1" => (long)(sbyte)bytes[0],
        "i2" => (long)BinaryPrimitives.ReadInt16LittleEndian(bytes),
        "i4" => (long)BinaryPrimitives.ReadInt32LittleEndian(bytes),
        "i8" => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        "u1" => (long)bytes[0],
        "u2" => (long)BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        "u4" => (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => bytes[0] != 0,
    };
}

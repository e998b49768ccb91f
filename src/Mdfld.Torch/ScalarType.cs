namespace Mdfld.Torch;

/// <summary>The type of a tensor's elements. The numbers are libtorch's own (<c>c10::ScalarType</c>).</summary>
public enum ScalarType
{
    /// <summary>Unsigned, 8 bits.</summary>
    UInt8 = 0,

    /// <summary>Signed, 8 bits.</summary>
    Int8 = 1,

    /// <summary>Signed, 16 bits.</summary>
    Int16 = 2,

    /// <summary>Signed, 32 bits.</summary>
    Int32 = 3,

    /// <summary>Signed, 64 bits.</summary>
    Int64 = 4,

    /// <summary>IEEE half precision, 16 bits.</summary>
    Float16 = 5,

    /// <summary>IEEE single precision, 32 bits.</summary>
    Float32 = 6,

    /// <summary>IEEE double precision, 64 bits.</summary>
    Float64 = 7,

    /// <summary>One byte, 0 or 1.</summary>
    Bool = 11,

    /// <summary>The upper 16 bits of a single precision number.</summary>
    BFloat16 = 15,
}

/// <summary>What follows from an element type.</summary>
public static class ScalarTypes
{
    extension(ScalarType type)
    {
        /// <summary>Bytes of one element.</summary>
        /// <exception cref="ArgumentOutOfRangeException">No such type.</exception>
        public int ByteSize => type switch
        {
            ScalarType.UInt8 or ScalarType.Int8 or ScalarType.Bool => 1,
            ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
            ScalarType.Int32 or ScalarType.Float32 => 4,
            ScalarType.Int64 or ScalarType.Float64 => 8,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no such element type"),
        };

        /// <summary>Whether elements are fractions of any precision.</summary>
        public bool IsFloatingPoint =>
            type is ScalarType.Float16 or ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16;
    }

    /// <summary>The element type that holds a .NET value type.</summary>
    /// <exception cref="NotSupportedException">libtorch has no such element.</exception>
    public static ScalarType Of<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? ScalarType.Float32
        : typeof(T) == typeof(double) ? ScalarType.Float64
        : typeof(T) == typeof(long) ? ScalarType.Int64
        : typeof(T) == typeof(int) ? ScalarType.Int32
        : typeof(T) == typeof(short) ? ScalarType.Int16
        : typeof(T) == typeof(byte) ? ScalarType.UInt8
        : typeof(T) == typeof(sbyte) ? ScalarType.Int8
        : typeof(T) == typeof(bool) ? ScalarType.Bool
        : typeof(T) == typeof(Half) ? ScalarType.Float16
        : throw new NotSupportedException($"a tensor cannot hold {typeof(T).Name}");
}

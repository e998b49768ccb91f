using System.Runtime.InteropServices;

namespace Mdfld.Torch.Native;

/// <summary>What a <see cref="NativeValue"/> holds; the numbers of MdfldKind in mdfld_torch.h.</summary>
internal enum ValueKind
{
    None = 0,
    Tensor = 1,
    Int = 2,
    Double = 3,
    Bool = 4,
    IntList = 5,
    DoubleList = 6,
    BoolList = 7,
    TensorList = 8,
    String = 9,
    Device = 10,
}

/// <summary>A tagged argument or result at the C boundary.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeValue
{
    public ValueKind Kind;
    public int Reserved;
    public long Integer;
    public double Real;
    public nint Pointer;
}

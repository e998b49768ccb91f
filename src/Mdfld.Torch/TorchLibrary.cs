using System.Runtime.InteropServices;
using Mdfld.Torch.Native;

namespace Mdfld.Torch;

/// <summary>Settings that hold for the whole loaded libtorch.</summary>
public static class TorchLibrary
{
    /// <summary>The loaded libtorch's version, such as "1.13.1".</summary>
    public static string Version => Marshal.PtrToStringUTF8(NativeMethods.mdfld_libtorch_version())!;

    /// <summary>Threads an operator may use. libtorch starts with what OpenMP finds; Debian's with one.</summary>
    public static int Threads
    {
        get => NativeMethods.mdfld_get_threads();
        set => NativeMethods.Check(NativeMethods.mdfld_set_threads(value));
    }

    /// <summary>Tensor handles made and not yet disposed, over all threads.</summary>
    public static long LiveTensors => NativeMethods.mdfld_tensor_live();

    /// <summary>Seeds libtorch's random numbers.</summary>
    public static void ManualSeed(ulong seed) => NativeMethods.Check(NativeMethods.mdfld_manual_seed(seed));

    /// <summary>Treats numbers below 1e-38 as zero on the calling thread; false where the processor cannot.</summary>
    public static bool SetFlushDenormal(bool enabled) => NativeMethods.mdfld_set_flush_denormal(enabled ? 1 : 0) == 0;
}

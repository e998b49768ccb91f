using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Mdfld.Training;

/// <summary>Settings of libtorch for this processor: those parts are turned off that do not work on it.</summary>
internal static unsafe class LibtorchSettings
{
    /// <summary>
    /// Whether oneDNN computes with bfloat16 on this processor: AVX-512 BF16 or AMX, unless both are wrong here. Elsewhere
    /// the same convolutions take eight times as long as with float32.
    /// </summary>
    public static bool HasBfloat16
    {
        get
        {
            const int Features = 7, Avx512Bf16 = 1 << 5, AmxBf16 = 1 << 22;
            return X86Base.IsSupported && !IsZen5
                && ((X86Base.CpuId(Features, 1).Eax & Avx512Bf16) != 0
                    || (X86Base.CpuId(Features, 0).Edx & AmxBf16) != 0);
        }
    }

    /// <summary>
    /// Whether oneDNN 3.7's kernels for AVX and above are wrong here, see <see cref="AreConvolutionsRight"/>, which a few
    /// convolutions do not always show: of 400 drawn at random some ended the process. With SSE 4.1 all are right.
    /// </summary>
    private static bool IsZen5
    {
        get
        {
            const int Auth = 0x68747541, Zen5 = 0x1A;
            if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Ebx != Auth)
                return false;
            var version = X86Base.CpuId(1, 0).Eax;
            return ((version >> 8) & 0xF) + ((version >> 20) & 0xFF) == Zen5;
        }
    }

    /// <summary>Looks at the processor and turns off what has to be; Windows' libtorch is left as it is.</summary>
    /// <param name="libraries">Handles of libtorch's libraries.</param>
    public static void Apply(IEnumerable<nint> libraries)
    {
        // at::globalContext() and at::Context's setters: C++, for want of functions in C.
        foreach (var library in libraries)
        {
            if (!NativeLibrary.TryGetExport(library, "_ZN2at13globalContextEv", out var context))
                continue;
            // Where NNPACK does not know the processor it says so on standard error, even when only asked whether it does.
            TurnOff("_ZN2at7Context20setUserEnabledNNPACKEb");
            // Three times as fast as doing without; what the user has set stays.
            if (IsZen5 && NativeLibrary.TryGetExport(library, "setenv", out var setenv))
                SetVariable((delegate* unmanaged<byte*, byte*, int, int>)setenv, "ONEDNN_MAX_CPU_ISA"u8, "SSE41"u8);
            if (!AreConvolutionsRight())
                TurnOff("_ZN2at7Context20setUserEnabledMkldnnEb");
            return;

            void TurnOff(string setter)
            {
                if (NativeLibrary.TryGetExport(library, setter, out var set))
                    ((delegate* unmanaged<nint, byte, void>)set)(((delegate* unmanaged<nint>)context)(), 0);
            }

            // Environment.SetEnvironmentVariable is not seen by native code. UTF-8 literals end in a zero.
            static void SetVariable(
                delegate* unmanaged<byte*, byte*, int, int> set, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
            {
                fixed (byte* n = name, v = value)
                    _ = set(n, v, 0);
            }
        }
    }

    /// <summary>
    /// Whether oneDNN's convolutions and their gradients are right. With AVX-512 on Zen 5 3.7's are not: what a block of 16
    /// channels lacks is not zero but what lay there, and on several threads 68 outputs of 1x1 are wrong by a sixth.
    /// </summary>
    private static bool AreConvolutionsRight()
    {
        return IsRight(12, 32, 3, isChannelsLast: false) && IsRight(24, 24, 3, isChannelsLast: false)
            && IsRight(32, 3, 3, isChannelsLast: false) && IsRight(96, 68, 1, isChannelsLast: true);

        static bool IsRight(long inputs, long outputs, long kernel, bool isChannelsLast)
        {
            // Fewer than 16 pictures are not always its work.
            const long Count = 16, Side = 24;
            using var scope = NewDisposeScope();
            // What is freed here is what is found there.
            using (NewDisposeScope())
                _ = Enumerable.Range(0, 4).Select(_ => full([Count, 32, Side, Side], float.NaN)).ToArray();
            var x = arange(Count * inputs * Side * Side).reshape(Count, inputs, Side, Side).sin();
            var weight = arange(outputs * inputs * kernel * kernel).reshape(outputs, inputs, kernel, kernel).cos();
            return Compute(ScalarType.Float64).Zip(Compute(ScalarType.Float32))
                .All(p => ((p.Second - p.First).norm() / p.First.norm()).ToDouble() < 1e-3);

            Tensor[] Compute(ScalarType type)
            {
                var (input, filter) = (x.to(type).detach().requires_grad_(true), weight.to(type).detach().requires_grad_(true));
                var y = (isChannelsLast ? input.ChannelsLast() : input).Convolve(filter, padding: kernel / 2);
                (y * y.detach().cos()).sum().backward();
                return [y.detach().to(ScalarType.Float64), input.grad!.to(ScalarType.Float64), filter.grad!.to(ScalarType.Float64)];
            }
        }
    }
}

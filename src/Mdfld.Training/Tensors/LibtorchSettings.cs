using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Mdfld.Training;

/// <summary>Settings of libtorch for this processor: those parts are turned off that do not work on it.</summary>
internal static unsafe class LibtorchSettings
{
    /// <summary>
    /// Whether oneDNN computes with bfloat16 on this processor: AVX-512 BF16 or AMX. Elsewhere the same convolutions take
    /// eight times as long as with float32.
    /// </summary>
    public static bool HasBfloat16
    {
        get
        {
            const int Features = 7, Avx512Bf16 = 1 << 5, AmxBf16 = 1 << 22;
            return X86Base.IsSupported && ((X86Base.CpuId(Features, 1).Eax & Avx512Bf16) != 0
                || (X86Base.CpuId(Features, 0).Edx & AmxBf16) != 0);
        }
    }

    /// <summary>Looks at the processor, turns off what does not work on it and has memory kept between steps.</summary>
    /// <param name="libraries">Handles of libtorch's libraries; Windows' have no such functions and are left as they are.</param>
    public static void Apply(IEnumerable<nint> libraries)
    {
        // at::globalContext() and at::Context's setters: C++, for want of functions in C.
        foreach (var library in libraries)
        {
            if (!NativeLibrary.TryGetExport(library, "_ZN2at13globalContextEv", out var context))
                continue;
            KeepMemory(library);
            // Where NNPACK does not know the processor it says so on standard error, even when only asked whether it does.
            TurnOff("_ZN2at7Context20setUserEnabledNNPACKEb");
            if (!HasCaches() || !AreConvolutionsRight())
                TurnOff("_ZN2at7Context20setUserEnabledMkldnnEb");
            return;

            void TurnOff(string setter)
            {
                if (NativeLibrary.TryGetExport(library, setter, out var set))
                    ((delegate* unmanaged<nint, byte, void>)set)(((delegate* unmanaged<nint>)context)(), 0);
            }
        }
    }

    /// <summary>
    /// Has glibc's malloc keep what tensors free. By itself it gives every tensor of more than 32 MB, and many smaller ones, back to the
    /// system, and each new page costs a fault: a 3x3 convolution of 64 channels and its gradient took three times as long.
    /// </summary>
    private static void KeepMemory(nint library)
    {
        const int TrimThreshold = -1, TopPadding = -2, MaximumMaps = -4;
        if (!NativeLibrary.TryGetExport(library, "mallopt", out var export))
            return;
        var set = (delegate* unmanaged<int, int, int>)export;
        _ = set(MaximumMaps, 0);
        _ = set(TrimThreshold, int.MaxValue);
        _ = set(TopPadding, 256 << 20);
    }

    private static bool HasCaches()
    {
        if (!OneDnnCaches.AreUnknown)
            return true;
        // oneDNN looks at the processor when it is first used.
        using var scope = NewDisposeScope();
        _ = zeros(16, 16, 24, 24).Convolve(zeros(16, 16, 3, 3));
        return OneDnnCaches.Repair();
    }

    /// <summary>
    /// Whether oneDNN's convolutions and their gradients are right: a second look, for processors that nobody has tried. With
    /// wrong caches what a block of 16 channels lacked was not zero but what lay there.
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

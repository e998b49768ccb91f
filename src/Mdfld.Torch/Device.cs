using Mdfld.Torch.Native;

namespace Mdfld.Torch;

/// <summary>Where a tensor lives: the processor, or a CUDA card by number.</summary>
public readonly record struct Device
{
    private readonly int _cudaPlusOne;

    private Device(int cudaPlusOne) => _cudaPlusOne = cudaPlusOne;

    /// <summary>The processor.</summary>
    public static Device Cpu => default;

    /// <summary>A CUDA card.</summary>
    public static Device Cuda(int index = 0) => new(index + 1);

    /// <summary>Whether this libtorch sees a CUDA card.</summary>
    public static bool IsCudaAvailable => NativeMethods.mdfld_cuda_available() != 0;

    /// <summary>"cpu", "cuda", "cuda:1", or "auto": a card where there is one.</summary>
    /// <exception cref="ArgumentException">The text names no device.</exception>
    public static Device Parse(string text) => text switch
    {
        "cpu" => Cpu,
        "cuda" => Cuda(),
        "auto" => IsCudaAvailable ? Cuda() : Cpu,
        _ when text.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(5), out var n) && n >= 0 => Cuda(n),
        _ => throw new ArgumentException($"'{text}' is no device: expected cpu, cuda, cuda:N or auto"),
    };

    /// <inheritdoc/>
    public override string ToString() => _cudaPlusOne == 0 ? "cpu" : $"cuda:{_cudaPlusOne - 1}";

    internal static Device FromNative(int index) => new(index + 1);
}

using Mdfld.Torch.Native;

namespace Mdfld.Torch;

/// <summary>
/// Lets the operators that gain by it (convolutions, matrix products) compute in a shorter type on the calling thread,
/// and keeps the others in single precision, until it is disposed (Micikevicius et al. 2018).
/// </summary>
public readonly struct Autocast : IDisposable
{
    private const int Off = -1;

    private readonly bool _cuda;
    private readonly int _before;

    /// <param name="device">Whose operators.</param>
    /// <param name="type">Float16 or BFloat16; the processor takes BFloat16 alone. Float32 changes nothing.</param>
    /// <exception cref="ArgumentException">The device does not compute in that type.</exception>
    public Autocast(Device device, ScalarType type)
    {
        _cuda = device != Device.Cpu;
        var fits = type is ScalarType.Float32 or ScalarType.BFloat16 || (_cuda && type == ScalarType.Float16);
        if (!fits)
            throw new ArgumentException(
                $"{device} has no autocast to {type}: expected BFloat16{(_cuda ? " or Float16" : "")}");
        _before = NativeMethods.mdfld_autocast(_cuda ? 1 : 0, type == ScalarType.Float32 ? Off : (int)type);
    }

    /// <summary>Sets what was before.</summary>
    public void Dispose() => NativeMethods.mdfld_autocast(_cuda ? 1 : 0, _before);
}

using Mdfld.Torch.Native;

namespace Mdfld.Torch;

/// <summary>Whether the calling thread records operators for backward.</summary>
public static class Autograd
{
    /// <summary>Records nothing until the result is disposed: for evaluation and for changing parameters.</summary>
    public static GradientMode NoGrad() => new(false);
}

/// <summary>Restores the thread's gradient mode when disposed.</summary>
public readonly struct GradientMode : IDisposable
{
    private readonly int _before;

    internal GradientMode(bool enabled) => _before = NativeMethods.mdfld_grad_mode(enabled ? 1 : 0);

    /// <summary>Sets the mode that was before.</summary>
    public void Dispose() => NativeMethods.mdfld_grad_mode(_before);
}

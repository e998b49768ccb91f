using System.Runtime.InteropServices;

namespace Mdfld.Torch.Native;

/// <summary>A loaded TorchScript module: released after the last call that uses it.</summary>
internal sealed class ScriptHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMethods.mdfld_script_release(handle);
        return true;
    }
}

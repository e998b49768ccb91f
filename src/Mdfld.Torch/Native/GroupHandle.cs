using System.Runtime.InteropServices;

namespace Mdfld.Torch.Native;

/// <summary>A joined group of processes: left after the last call that uses it.</summary>
internal sealed class GroupHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMethods.mdfld_group_release(handle);
        return true;
    }
}

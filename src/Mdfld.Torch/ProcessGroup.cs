using System.Globalization;
using Mdfld.Torch.Native;

namespace Mdfld.Torch;

/// <summary>
/// Several processes that train one network, by libtorch's own c10d: Gloo for tensors on the processor, NCCL for those
/// on CUDA cards. Every process makes the same calls in the same order, each from one thread at a time; a call returns
/// when all have made it, and fails where another process has ended.
/// </summary>
public sealed unsafe class ProcessGroup : IDisposable
{
    // A process that reads its data, or validates, lets the others wait.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    private readonly GroupHandle _handle;

    private ProcessGroup(GroupHandle handle, int rank, int size) => (_handle, Rank, Size) = (handle, rank, size);

    /// <summary>Number of this process, from 0. Rank 0 is the one that writes files.</summary>
    public int Rank { get; }

    /// <summary>Number of processes.</summary>
    public int Size { get; }

    /// <summary>
    /// Joins the group that MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE describe, as <c>torchrun</c> sets them.
    /// </summary>
    /// <param name="device">Where the tensors are: decides on Gloo or NCCL.</param>
    /// <returns>Null where WORLD_SIZE is not set: there is one process.</returns>
    /// <exception cref="InvalidDataException">A variable is missing or no number.</exception>
    /// <exception cref="TorchException">The processes did not find each other.</exception>
    public static ProcessGroup? FromEnvironment(Device device = default) =>
        From(Environment.GetEnvironmentVariable, device);

    internal static ProcessGroup? From(Func<string, string?> variable, Device device)
    {
        const string Processes = "WORLD_SIZE";
        if (string.IsNullOrEmpty(variable(Processes)))
            return null;
        var size = Number(Processes, 1, 1 << 20);
        return Join(Text("MASTER_ADDR"), Number("MASTER_PORT", 1, 65535), Number("RANK", 0, size - 1), size, device);

        string Text(string name) => variable(name) is { Length: > 0 } value ? value
            : throw new InvalidDataException(
                $"{Processes} is set but {name} is not: set MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE for several "
                + "processes, or none of them");

        int Number(string name, int least, int most) =>
            int.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var n)
                && n >= least && n <= most
                ? n
                : throw new InvalidDataException($"{name} is '{Text(name)}': expected a number from {least} to {most}");
    }

    /// <summary>Joins a group; waits until all its processes have.</summary>
    /// <param name="address">Host of rank 0.</param>
    /// <param name="port">A free port there.</param>
    /// <param name="rank">Number of this process.</param>
    /// <param name="size">Number of processes.</param>
    /// <param name="device">Where the tensors are: decides on Gloo or NCCL.</param>
    /// <param name="patience">How long a call waits for the other processes; null is half an hour.</param>
    /// <exception cref="TorchException">The processes did not find each other.</exception>
    public static ProcessGroup Join(
        string address, int port, int rank, int size, Device device = default, TimeSpan? patience = null)
    {
        var backend = device == Device.Cpu ? "gloo" : "nccl";
        NativeMethods.Check(NativeMethods.mdfld_group_create(
            backend, address, port, rank, size, (long)(patience ?? Patience).TotalMilliseconds, out var handle));
        return new(handle, rank, size);
    }

    /// <summary>Each tensor becomes the sum, or the mean, over the processes; the same bits in all of them.</summary>
    /// <param name="tensors">The same shapes and types, in the same order, in every process.</param>
    /// <param name="average">The mean instead of the sum.</param>
    /// <exception cref="TorchException">Another process has ended or waits elsewhere.</exception>
    public void AllReduce(IReadOnlyList<Tensor> tensors, bool average = false) =>
        With(tensors, (p, n) => NativeMethods.mdfld_group_all_reduce(_handle, (nint*)p, n, average ? 1 : 0));

    /// <summary>Each tensor becomes that of one process.</summary>
    /// <param name="tensors">The same shapes and types, in the same order, in every process.</param>
    /// <param name="root">Rank of the process to copy.</param>
    /// <exception cref="TorchException">Another process has ended or waits elsewhere.</exception>
    public void Broadcast(IReadOnlyList<Tensor> tensors, int root = 0) =>
        With(tensors, (p, n) => NativeMethods.mdfld_group_broadcast(_handle, (nint*)p, n, root));

    /// <summary>Waits until all processes are here.</summary>
    /// <exception cref="TorchException">Another process has ended or waits elsewhere.</exception>
    public void Barrier() => NativeMethods.Check(NativeMethods.mdfld_group_barrier(_handle));

    /// <summary>Leaves the group.</summary>
    public void Dispose() => _handle.Dispose();

    private static void With(IReadOnlyList<Tensor> tensors, Func<nint, int, int> call)
    {
        var handles = tensors.Select(t => t.Handle).ToArray();
        fixed (nint* p = handles)
            NativeMethods.Check(call((nint)p, handles.Length));
        GC.KeepAlive(tensors);
    }
}

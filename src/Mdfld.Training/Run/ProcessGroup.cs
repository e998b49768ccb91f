using System.Runtime.InteropServices;
using Mpi = MPI.Unsafe;

namespace Mdfld.Training;

/// <summary>
/// Several processes that train one network, over MPI (the MPICH family's binary interface: MPICH, Intel MPI, MVAPICH,
/// MS-MPI), as <c>mpiexec -n N mdfld train ...</c> starts them. Every process makes the same calls in the same order,
/// from one thread at a time; a call returns when all have made it.
/// </summary>
/// <remarks>Where one of them dies, <c>mpiexec</c> ends the others and says so.</remarks>
public sealed class ProcessGroup : IDisposable
{
    private static readonly nint InPlace = -1;

    private ProcessGroup()
    {
        NativeLibrary.SetDllImportResolver(typeof(Mpi).Assembly, static (name, _, _) =>
            name.StartsWith("msmpi", StringComparison.Ordinal) && !OperatingSystem.IsWindows()
                ? NativeLibrary.Load(OperatingSystem.IsMacOS() ? "libmpi.12.dylib" : "libmpich.so.12") : 0);
        unsafe
        {
            var count = 0;
            byte** arguments = null;
            // MPI_THREAD_SERIALIZED: the thread that trains is not the one that starts.
            Check(Mpi.MPI_Init_thread(ref count, ref arguments, 2, out _), nameof(Mpi.MPI_Init_thread));
        }
        Check(Mpi.MPI_Comm_rank(Mpi.MPI_COMM_WORLD, out var rank), nameof(Mpi.MPI_Comm_rank));
        Check(Mpi.MPI_Comm_size(Mpi.MPI_COMM_WORLD, out var size), nameof(Mpi.MPI_Comm_size));
        (Rank, Size) = (rank, size);
    }

    /// <summary>Number of this process, from 0. Rank 0 is the one that writes files.</summary>
    public int Rank { get; }

    public int Size { get; }

    /// <summary>Joins the processes that <c>mpiexec</c> started beside this one.</summary>
    /// <param name="warn">Is told of a launcher's variables that mean nothing here.</param>
    /// <returns>Null where nothing says that there are others.</returns>
    /// <exception cref="InvalidOperationException">
    /// Another MPI started this process, or MPICH is not installed.
    /// </exception>
    public static ProcessGroup? Join(Action<string> warn) => Join(Environment.GetEnvironmentVariable, warn);

    internal static ProcessGroup? Join(Func<string, string?> variable, Action<string> warn)
    {
        if (Count("OMPI_COMM_WORLD_SIZE") > 1)
        {
            throw new InvalidOperationException(
                "this process was started by Open MPI, whose binary interface is another: start it with the mpiexec of "
                + "MPICH, Intel MPI, MVAPICH or MS-MPI (Debian: apt-get install mpich)");
        }
        if (Count("PMI_SIZE") <= 1)
        {
            if (Count("WORLD_SIZE") > 1)
                warn("WORLD_SIZE is set, but this is one process of its own: several are started by mpiexec -n N");
            return null;
        }
        try
        {
            return new ProcessGroup();
        }
        catch (DllNotFoundException e)
        {
            throw new InvalidOperationException(
                $"mpiexec started this process, but MPICH's library is not installed: {e.Message}", e);
        }

        int Count(string name) =>
            int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
    }

    /// <summary>Each tensor, float32 or float64, becomes the mean over the processes.</summary>
    /// <param name="tensors">The same shapes and types, in the same order, in every process.</param>
    public void Average(IEnumerable<Tensor> tensors)
    {
        using var noGrad = no_grad();
        foreach (var tensor in tensors)
        {
            var type = tensor.dtype == ScalarType.Float64 ? Mpi.MPI_DOUBLE : Mpi.MPI_FLOAT;
            OnCpu(tensor, bytes => Check(
                Mpi.MPI_Allreduce(
                    InPlace, bytes, (int)tensor.NumberOfElements, type, Mpi.MPI_SUM, Mpi.MPI_COMM_WORLD),
                nameof(Mpi.MPI_Allreduce)));
            tensor.div_(Size);
        }
    }

    /// <summary>Each tensor becomes that of rank 0.</summary>
    /// <param name="tensors">The same shapes and types, in the same order, in every process.</param>
    public void Broadcast(IEnumerable<Tensor> tensors)
    {
        using var noGrad = no_grad();
        foreach (var tensor in tensors)
        {
            OnCpu(tensor, bytes => Check(
                Mpi.MPI_Bcast(
                    bytes, checked((int)(tensor.NumberOfElements * tensor.ElementSize)), Mpi.MPI_BYTE, 0,
                    Mpi.MPI_COMM_WORLD),
                nameof(Mpi.MPI_Bcast)));
        }
    }

    /// <summary>Waits until all processes are here.</summary>
    public void Barrier() => Check(Mpi.MPI_Barrier(Mpi.MPI_COMM_WORLD), nameof(Mpi.MPI_Barrier));

    /// <summary>Ends all processes: the others would wait for this one for ever.</summary>
    public static void Abort()
    {
        // mpiexec drops what it has not passed on yet when a process aborts: the message that says why.
        Thread.Sleep(TimeSpan.FromSeconds(2));
        Mpi.MPI_Abort(Mpi.MPI_COMM_WORLD, 1);
    }

    /// <summary>Leaves the group, after all others have come to the same point.</summary>
    public void Dispose() => Mpi.MPI_Finalize();

    /// <summary>Hands the memory of a tensor to MPI; one that has gaps, or is on a card, by way of a copy.</summary>
    private static unsafe void OnCpu(Tensor tensor, Action<nint> call)
    {
        using var scope = NewDisposeScope();
        var near = tensor.detach().cpu().contiguous();
        fixed (byte* bytes = near.bytes)
            call((nint)bytes);
        if (!near.is_contiguous() || tensor.device_type != DeviceType.CPU || !tensor.is_contiguous())
            tensor.copy_(near);
    }

    private static void Check(int code, string call)
    {
        if (code != 0)
            throw new InvalidOperationException($"{call} failed with MPI's error {code}");
    }
}

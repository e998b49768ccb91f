using System.Globalization;
using System.Runtime.Intrinsics.X86;

namespace Mdfld.Training;

/// <summary>
/// The sizes of the processor's caches as oneDNN 3.7, inside libtorch, knows them. On AMD its Xbyak takes them from CPUID
/// 0x8000001D, also where there is no such leaf: some virtual machines answer with zeros, which it reads as three caches of
/// one byte. Kernels cut to those are wrong or end the process, with AVX and above.
/// </summary>
internal static unsafe class OneDnnCaches
{
    // Xbyak::util::Cpu from dataCacheSize_ on: ten sizes, how many cores share each of ten, how many there are.
    private const int Counts = 21;
    private const uint Kilobyte = 1024;

    /// <summary>True on an AMD processor whose CPUID tells no caches: there oneDNN has, or will have, the sizes wrong.</summary>
    public static bool AreUnknown
    {
        get
        {
            const int Auth = 0x68747541, Caches = unchecked((int)0x8000001D);
            return X86Base.IsSupported && X86Base.CpuId(0, 0).Ebx == Auth && X86Base.CpuId(Caches, 0) == (0, 0, 0, 0);
        }
    }

    /// <summary>
    /// Writes sizes that every processor with AVX has (32 KB, 512 KB, 4 MB a core) where oneDNN keeps them: it has no call for
    /// it. To be called once oneDNN has looked at the processor and before it makes any kernel that counts. Linux only.
    /// </summary>
    /// <returns>False where they were not found.</returns>
    public static bool Repair()
    {
        ReadOnlySpan<uint> wrong = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 3];
        var isRepaired = false;
        foreach (var (start, length) in WritableMemory("libtorch_cpu.so"))
        {
            // Pages are of libtorch itself, so nobody unmaps them; no span is longer than the library's 1.3 MB.
            var memory = new Span<uint>((void*)start, (int)(length / sizeof(uint)));
            for (int at; (at = memory.IndexOf(wrong)) >= 0; memory = memory[(at + Counts)..])
            {
                memory[at] = 32 * Kilobyte;
                memory[at + 1] = 512 * Kilobyte;
                memory[at + 2] = 4096 * Kilobyte;
                isRepaired = true;
            }
        }
        return isRepaired;
    }

    /// <summary>A library's variables: its own writable pages, and the unnamed ones right behind them.</summary>
    private static IEnumerable<(nint Start, nint Length)> WritableMemory(string library)
    {
        nint end = 0;
        foreach (var line in OperatingSystem.IsLinux() ? File.ReadAllLines("/proc/self/maps") : [])
        {
            // 7f909b562000-7f909b675000 rw-p 00000000 00:00 0    /a/library.so
            var fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            var range = fields[0].Split('-');
            var start = nint.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (fields.Length == 6 ? Path.GetFileName(fields[5]) != library : start != end)
                continue;
            end = nint.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (fields[1].StartsWith("rw", StringComparison.Ordinal))
                yield return (start, end - start);
        }
    }
}

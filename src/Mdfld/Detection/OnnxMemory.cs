using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace Mdfld;

/// <summary>
/// What models take while they run, all sessions of the process together: their file says how large a tensor gets, so
/// that a kilobyte may ask for any amount. ONNX Runtime takes all of it from one arena that has an end.
/// </summary>
internal static class OnnxMemory
{
    /// <summary>The environment variable that says another limit, MB.</summary>
    public const string Variable = "MDFLD_MODEL_MEMORY";

    // A network at a crop takes far less than this on each core; STAR's largest, 100 MB.
    private const long Base = 1024;
    private const long PerCore = 128;
    // The arena's limit is a number of 32 bits.
    private const long Most = 4095;

    // What is computed once, as a model is loaded, is not the arena's.
    private const long MostFolded = 64 << 20;

    // The arena grows by what is asked for, and not to the next power of two.
    private const int AsRequested = 1;

    private static readonly Lazy<bool> Arena = new(Register);

    /// <summary>The most that all models of the process take, MB.</summary>
    public static long LimitMegabytes
    {
        get
        {
            var text = Environment.GetEnvironmentVariable(Variable);
            var asked = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var megabytes)
                && megabytes > 0;
            return Math.Min(asked ? megabytes : Base + (PerCore * Environment.ProcessorCount), Most);
        }
    }

    /// <summary>Has a session take its memory from the arena.</summary>
    public static void Limit(SessionOptions settings)
    {
        settings.AddSessionConfigEntry(
            "optimization.constant_folding_max_output_size_in_bytes",
            MostFolded.ToString(CultureInfo.InvariantCulture));
        if (Arena.Value)
            settings.AddSessionConfigEntry("session.use_env_allocators", "1");
    }

    /// <summary>The message of a run that wanted more; null where it failed for another reason.</summary>
    public static string? Exceeded(OnnxRuntimeException e) => e.Message.Contains("Available memory of")
        || e.Message.Contains("Failed to allocate memory")
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"it asks for more than the {LimitMegabytes} MB that models may take; if you trust it, set {Variable} to "
            + $"more (MB, at most {Most})")
        : null;

    private static bool Register()
    {
        using var cpu = new OrtMemoryInfo(
            OrtMemoryInfo.allocatorCPU, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
        using var arena = new OrtArenaCfg((uint)(LimitMegabytes << 20), AsRequested, -1, -1);
        try
        {
            OrtEnv.Instance().CreateAndRegisterAllocator(cpu, arena);
        }
        // The program has one of its own, which its sessions share already.
        catch (OnnxRuntimeException)
        {
        }
        return true;
    }
}

using System.Runtime.InteropServices;

namespace Mdfld.Training;

/// <summary>
/// Finds libtorch, half a gigabyte that no package of ours carries, and loads it before TorchSharp asks for it: from
/// <c>MDFLD_LIBTORCH</c>, from beside the program, or from where <c>mdfld setup torch</c> put it.
/// </summary>
public static class TorchRuntime
{
    /// <summary>The version of libtorch that this TorchSharp was built for.</summary>
    public const string Version = "2.10.0";

    /// <summary>In <see cref="UserFolder"/>, the name of a file that names another folder.</summary>
    public const string FolderFile = "folder.txt";

    /// <summary>The environment variable that names libtorch's folder.</summary>
    public const string Variable = "MDFLD_LIBTORCH";

    /// <summary>The folder that <c>mdfld setup torch</c> fills; null for a user without a home folder.</summary>
    public static string? UserFolder
    {
        get
        {
            var data = Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            return data.Length > 0 ? Path.Combine(data, "mdfld", $"libtorch-{Version}-{Platform}") : null;
        }
    }

    /// <summary>This platform as NuGet calls it, such as linux-x64.</summary>
    public static string Platform =>
        (OperatingSystem.IsWindows() ? "win-" : OperatingSystem.IsMacOS() ? "osx-" : "linux-")
        + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>libtorch's libraries, in the order in which they need each other; a CUDA build has more.</summary>
    private static string[] Libraries => OperatingSystem.IsWindows()
        ? ["c10.dll", "torch_cpu.dll", "torch.dll", "c10_cuda.dll", "torch_cuda.dll"]
        : OperatingSystem.IsMacOS()
        ? ["libc10.dylib", "libtorch_cpu.dylib", "libtorch.dylib"]
        : ["libc10.so", "libtorch_cpu.so", "libtorch.so", "libc10_cuda.so", "libtorch_cuda.so"];

    // A process has one libtorch; a load that failed may be tried again.
    private static Lazy<string> Loaded { get; } = new(LoadOnce, LazyThreadSafetyMode.PublicationOnly);

    /// <summary>The folder with libtorch, or null where it is nowhere.</summary>
    public static string? Find() =>
        new[] { Environment.GetEnvironmentVariable(Variable), AppContext.BaseDirectory, Named(), UserFolder }
            .FirstOrDefault(folder => !string.IsNullOrEmpty(folder) && IsLibtorch(folder));

    /// <summary>Whether a folder holds libtorch's libraries for this platform.</summary>
    public static bool IsLibtorch(string folder) => Libraries.Take(2).All(l => File.Exists(Path.Combine(folder, l)));

    /// <summary>Loads libtorch; does nothing where it is loaded.</summary>
    /// <exception cref="TorchMissingException">It is nowhere, or cannot be loaded.</exception>
    public static void Load() => _ = Loaded.Value;

    private static string LoadOnce()
    {
        var folder = Find() ?? throw new TorchMissingException(
            "this needs libtorch, which is not on this machine: run 'mdfld setup torch' once (it fetches 42 to 128 MB), "
            + $"or set {Variable} to a folder with the libraries of libtorch {Version}");
        try
        {
            nint[] libraries = [.. Libraries.Select(name => Path.Combine(folder, name)).Where(File.Exists)
                .Select(NativeLibrary.Load)];
            LibtorchSettings.Apply(libraries);
            return folder;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new TorchMissingException($"{folder}: this libtorch cannot be loaded: {e.Message}", e);
        }
    }

    private static string? Named()
    {
        var file = UserFolder is { } folder ? Path.Combine(folder, FolderFile) : null;
        return file is not null && File.Exists(file) ? File.ReadAllText(file).Trim() : null;
    }
}

/// <summary>libtorch is not on this machine.</summary>
public sealed class TorchMissingException(string message, Exception? inner = null)
    : DllNotFoundException(message, inner);

/// <summary>Devices by the names that recipes and the command line give them.</summary>
public static class Devices
{
    /// <summary>"cpu", "cuda", "cuda:1", or "auto": a card where there is one.</summary>
    /// <exception cref="InvalidDataException">The text names no device, or this libtorch has no such one.</exception>
    public static Device Parse(string text)
    {
        TorchRuntime.Load();
        if (text == "auto")
            return cuda.is_available() ? CUDA : CPU;
        if (text == "cpu")
            return CPU;
        var isCuda = text == "cuda" || (text.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(5), out var number) && number >= 0);
        if (!isCuda)
            throw new InvalidDataException($"'{text}' is no device: expected cpu, cuda, cuda:N or auto");
        if (!cuda.is_available())
        {
            throw new InvalidDataException(
                $"'{text}' needs a CUDA card and libtorch's CUDA build, of which one is missing here: "
                + $"set {TorchRuntime.Variable} to the folder of the CUDA build's libraries");
        }
        return new Device(text);
    }

    /// <summary>The type that what is trained computes in; null for that of its weights, 32 bits.</summary>
    public static ScalarType? ComputeType(this Device device, TrainingPrecision precision) =>
        precision == TrainingPrecision.Bfloat16 && (device.type != DeviceType.CPU || LibtorchSettings.HasBfloat16)
            ? ScalarType.BFloat16 : null;
}

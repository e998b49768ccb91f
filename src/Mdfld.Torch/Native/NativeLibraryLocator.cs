using System.Reflection;
using System.Runtime.InteropServices;

namespace Mdfld.Torch.Native;

/// <summary>
/// Finds libmdfld_torch: where MDFLD_NATIVE says, beside the program, or in a checkout's .build/native.
/// </summary>
internal static class NativeLibraryLocator
{
    public static void Register() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraryLocator).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? paths)
    {
        if (name != NativeMethods.Library)
            return 0;
        var file = OperatingSystem.IsWindows() ? $"{name}.dll"
            : OperatingSystem.IsMacOS() ? $"lib{name}.dylib"
            : $"lib{name}.so";
        foreach (var folder in Folders())
        {
            var path = Path.Combine(folder, file);
            if (File.Exists(path))
                return NativeLibrary.Load(path);
        }
        if (NativeLibrary.TryLoad(name, assembly, paths, out var handle))
            return handle;
        throw new DllNotFoundException(
            $"{file} is not built: training needs it. ./mdfld train installs libtorch and builds it; "
            + "or set MDFLD_NATIVE to its folder");
    }

    private static IEnumerable<string> Folders()
    {
        if (Environment.GetEnvironmentVariable("MDFLD_NATIVE") is { Length: > 0 } told)
            yield return told;
        yield return AppContext.BaseDirectory;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            yield return Path.Combine(folder.FullName, ".build", "native");
            // Above the checkout other people may put what they like.
            if (File.Exists(Path.Combine(folder.FullName, "Directory.Packages.props")))
                yield break;
        }
    }
}

using System.Reflection;
using System.Runtime.InteropServices;

namespace Mdfld;

/// <summary>
/// The C libraries that read and write pictures. They are the system's own, so that its security updates reach them.
/// </summary>
internal static partial class NativeCodecs
{
    private const string TurboJpeg = "turbojpeg";
    private const string Png = "png16";
    private const string Webp = "webp";

    // The static constructor runs before the first call of any function below, which is when a library is looked for.
    static NativeCodecs() => NativeLibrary.SetDllImportResolver(typeof(NativeCodecs).Assembly, Resolve);

    /// <summary>Finds a library under the name it has on this system; 0 for names that are not ours.</summary>
    /// <exception cref="DllNotFoundException">It is not installed; the message says what to install.</exception>
    internal static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        // Files by which the library is known, the most exact first; then the packages of Debian, Homebrew and vcpkg.
        var (files, packages) = name switch
        {
            TurboJpeg => (new[] { "libturbojpeg.so.0", "libturbojpeg.0.dylib", "turbojpeg.dll" },
                new[] { "libturbojpeg0", "jpeg-turbo", "libjpeg-turbo" }),
            Png => (["libpng16.so.16", "libpng16.16.dylib", "libpng16.dll"], ["libpng16-16", "libpng", "libpng"]),
            Webp => (["libwebp.so.7", "libwebp.7.dylib", "libwebp.dll"], ["libwebp7", "webp", "libwebp"]),
            _ => ([], []),
        };
        foreach (var file in files)
        {
            if (NativeLibrary.TryLoad(file, assembly, searchPath, out var handle))
                return handle;
        }

        return files.Length == 0 ? IntPtr.Zero : throw Missing(name, files, packages);
    }

    /// <summary>What to tell someone whose system lacks a library.</summary>
    internal static DllNotFoundException Missing(string name, string[] files, string[] packages) => new(
        $"lib{name} is not installed (looked for {string.Join(", ", files)}): "
        + $"Debian and Ubuntu: apt-get install {packages[0]}; macOS: brew install {packages[1]}; "
        + $"Windows: vcpkg install {packages[2]}, and put the DLL beside the program");
}

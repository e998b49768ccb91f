using System.Runtime.CompilerServices;

namespace Mdfld.Tests;

/// <summary>Where the tests find their files, independent of the folder they are run from.</summary>
internal static class TestFiles
{
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>A golden file copied into the repository.</summary>
    public static string Golden(string name) => Path.Combine(RepositoryRoot, "tests", "golden", "star", name);

    /// <summary>An input that once failed.</summary>
    public static string Case(params string[] parts) => Path.Combine([RepositoryRoot, "tests", "cases", .. parts]);

    /// <summary>A drawn face of samples/.</summary>
    public static string Sample(string name) => Path.Combine(RepositoryRoot, "samples", "images", name);

    /// <summary>A made-up file of COFW's.</summary>
    public static string Cofw(string name) => Path.Combine(RepositoryRoot, "tests", "golden", "cofw", name);

    /// <summary>A file or folder of the golden numbers of diffusion.</summary>
    public static string Diffusion(params string[] parts) =>
        Path.Combine([RepositoryRoot, "tests", "golden", "diffusion", .. parts]);

    /// <summary>A file or folder of the golden numbers of TAESD.</summary>
    public static string Taesd(params string[] parts) =>
        Path.Combine([RepositoryRoot, "tests", "golden", "taesd", .. parts]);

    /// <summary>A file or folder of the shared data beside the repository; it may be absent.</summary>
    public static string Shared(params string[] parts) =>
        Path.Combine([RepositoryRoot, "..", "shared", .. parts]);

    private static string FindRoot([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}

/// <summary>
/// A test on the labelled pictures of ../shared/data, which never enter the repository: skipped where absent.
/// </summary>
internal sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute() => Skip = SharedData.MissingReason;
}

/// <summary>As <see cref="SharedDataFactAttribute"/>, with parameters.</summary>
internal sealed class SharedDataTheoryAttribute : TheoryAttribute
{
    public SharedDataTheoryAttribute() => Skip = SharedData.MissingReason;
}

internal static class SharedData
{
    public static string? MissingReason { get; } =
        Directory.Exists(TestFiles.Shared("data")) ? null : "../shared/data is not on this machine";
}

using System.Reflection;

namespace Mdfld.Cli;

/// <summary>Which program this is.</summary>
internal static class ProgramVersion
{
    /// <summary>The version, and the commit where it is known.</summary>
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion;

    /// <summary>A name of the code that detects and of the models inside it: of other code, another.</summary>
    public static string Build { get; } = Of(typeof(LandmarkDetector)) + Of(typeof(BundledLandmarkDetector));

    private static string Of(Type type) => type.Module.ModuleVersionId.ToString("N")[..8];
}

using System.Runtime.InteropServices;

namespace Mdfld;

/// <summary>
/// ONNX Runtime counts its users on Windows and Linux: it writes a device's number and a queue of events into the
/// user's folder and asks for a server by name. A library has no business to do that in somebody's program.
/// </summary>
internal static partial class OnnxTelemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>To be called before anything of ONNX Runtime: the first event is sent as it starts.</summary>
    public static void Disable()
    {
        // What the user has set stays.
        var value = Environment.GetEnvironmentVariable(Variable) ?? "1";
        Environment.SetEnvironmentVariable(Variable, value);
        // .NET keeps a copy of the environment outside Windows; native code reads the process's own.
        if (!OperatingSystem.IsWindows())
            _ = SetVariable(Variable, value, 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}

using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Mdfld;

/// <summary>
/// A session of ONNX Runtime that any number of threads may run, dispose and cancel at once: the native session lives
/// until the last run that had begun before <see cref="Dispose"/> is over.
/// </summary>
internal sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly string _name;

    // The owner's claim, and one of each run under way; at 0 the native session ends.
    private int _claims = 1;
    private int _isDisposed;

    /// <summary>Whether the native session has ended.</summary>
    public bool IsClosed => Volatile.Read(ref _claims) == 0;

    private OnnxSession(InferenceSession session, string name) => (_session, _name) = (session, name);

    /// <summary>Opens a model.</summary>
    /// <exception cref="InvalidDataException">ONNX Runtime cannot load it.</exception>
    /// <exception cref="NotSupportedException">
    /// The device is not there; the message names the package to add.
    /// </exception>
    public static OnnxSession Open(OnnxFile file, DetectorOptions options)
    {
        options.Check();
        OnnxTelemetry.Disable();
        try
        {
            using var settings = new SessionOptions
            {
                IntraOpNumThreads = options.Threads,
                InterOpNumThreads = 1,
                // Errors come back as exceptions; nothing is printed besides.
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            OnnxMemory.Limit(settings);
            OnnxDevice.Choose(settings, options.Device);
            options.ConfigureSession?.Invoke(settings);
            return new OnnxSession(
                file.Bytes is { } bytes
                    ? new InferenceSession(bytes, settings) : new InferenceSession(file.Name, settings),
                file.Name);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException(
                $"{file.Name}: {OnnxMemory.Exceeded(e) ?? $"ONNX Runtime cannot load it: {OneLine(e)}"}", e);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException
        { InnerException: DllNotFoundException })
        {
            throw new NotSupportedException(
                "ONNX Runtime's native library is not there: add the package Mdfld.Bundle, or one of "
                + "Microsoft.ML.OnnxRuntime, Microsoft.ML.OnnxRuntime.Gpu, Microsoft.ML.OnnxRuntime.DirectML "
                + "(Windows, Linux with glibc and macOS on Apple silicon have one; musl and Intel Macs do not)", e);
        }
    }

    /// <summary>Runs the model once.</summary>
    /// <returns>A value for each output; the caller disposes them.</returns>
    /// <exception cref="InvalidDataException">The model fails, or asks for more memory than it may take.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed before the run began.</exception>
    public IDisposableReadOnlyCollection<OrtValue> Run(
        IReadOnlyCollection<string> inputs, IReadOnlyCollection<OrtValue> values, IReadOnlyCollection<string> outputs,
        CancellationToken stop)
    {
        Claim();
        try
        {
            if (!stop.CanBeCanceled)
                return _session.Run(_runOptions, inputs, values, outputs);
            stop.ThrowIfCancellationRequested();
            using var options = new RunOptions();
            using var registration = stop.UnsafeRegister(static o => ((RunOptions)o!).Terminate = true, options);
            return _session.Run(options, inputs, values, outputs);
        }
        catch (OnnxRuntimeException e)
        {
            stop.ThrowIfCancellationRequested();
            throw new InvalidDataException(
                $"{_name}: {OnnxMemory.Exceeded(e) ?? $"the model fails: {OneLine(e)}"}", e);
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Runs under way end as they would; later ones throw.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            Release();
    }

    private void Claim()
    {
        int claims;
        do
        {
            claims = Volatile.Read(ref _claims);
            ObjectDisposedException.ThrowIf(
                claims == 0 || Volatile.Read(ref _isDisposed) == 1, typeof(LandmarkDetector));
        }
        while (Interlocked.CompareExchange(ref _claims, claims + 1, claims) != claims);
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _claims) > 0)
            return;
        _runOptions.Dispose();
        _session.Dispose();
    }

    private static string OneLine(Exception e) => e.Message.ReplaceLineEndings(" ").Trim();
}

/// <summary>
/// ONNX Runtime counts its users on Windows and Linux: it writes a device's number and a queue of events into the
/// user's folder and asks for a server by name. A library has no business to do that in its caller's program.
/// </summary>
internal static partial class OnnxTelemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>To be called before anything of ONNX Runtime: the first event is sent as it starts.</summary>
    public static void Disable()
    {
        // A value that the user has set stays.
        var value = Environment.GetEnvironmentVariable(Variable) ?? "1";
        Environment.SetEnvironmentVariable(Variable, value);
        // .NET keeps a copy of the environment outside Windows; native code reads the process's own.
        if (!OperatingSystem.IsWindows())
            _ = SetVariable(Variable, value, 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}

/// <summary>Chooses the execution provider that a device's name means.</summary>
internal static class OnnxDevice
{
    /// <summary>Whether a name means a device.</summary>
    public static bool IsName(string? device) => Parse(device) is not null;

    /// <summary>Adds the provider to a session's settings.</summary>
    /// <exception cref="NotSupportedException">The provider is not there.</exception>
    public static void Choose(SessionOptions settings, string device)
    {
        var (kind, card) = Parse(device)
            ?? throw new ArgumentException($"'{device}' is no device", nameof(device));
        if (kind == "cpu")
            return;
        var (provider, package) = kind switch
        {
            "cuda" => ("CUDAExecutionProvider", "Microsoft.ML.OnnxRuntime.Gpu"),
            "directml" => ("DmlExecutionProvider", "Microsoft.ML.OnnxRuntime.DirectML"),
            _ => ("CoreMLExecutionProvider", "Microsoft.ML.OnnxRuntime on macOS"),
        };
        if (!OrtEnv.Instance().GetAvailableProviders().Contains(provider))
            throw Missing(device, package, null);
        try
        {
            switch (kind)
            {
                case "cuda":
                    settings.AppendExecutionProvider_CUDA(card);
                    break;
                case "directml":
                    // DirectML allows neither memory patterns nor parallel execution.
                    settings.EnableMemoryPattern = false;
                    settings.AppendExecutionProvider_DML(card);
                    break;
                default:
                    settings.AppendExecutionProvider("CoreML");
                    break;
            }
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            throw Missing(device, package, e);
        }
    }

    private static (string Kind, int Card)? Parse(string? device)
    {
        if (device is null)
            return null;
        var colon = device.IndexOf(':');
        var kind = (colon < 0 ? device : device[..colon]).ToLowerInvariant();
        var card = 0;
        var isKnown = kind is "cpu" or "cuda" or "directml" or "coreml"
            && (colon < 0 || (kind is "cuda" or "directml"
                && int.TryParse(device.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out card)));
        return isKnown ? (kind, card) : null;
    }

    private static NotSupportedException Missing(string device, string package, Exception? reason) => new(
        $"device '{device}': this ONNX Runtime cannot use it; add the package {package} in place of "
        + "Microsoft.ML.OnnxRuntime, and the driver it names"
        + (reason is null ? "" : $" ({reason.Message.ReplaceLineEndings(" ").Trim()})"), reason);
}

using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace Mdfld;

/// <summary>Chooses the execution provider that a device's name means.</summary>
internal static class OnnxDevice
{
    /// <summary>Whether a name means a device.</summary>
    public static bool IsName(string? device) => Parse(device) is not null;

    /// <summary>Adds the provider to a session's settings.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="device">See <see cref="DetectorOptions.Device"/>; a name that means one.</param>
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

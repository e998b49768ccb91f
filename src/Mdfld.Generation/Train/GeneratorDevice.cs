using System.Globalization;

namespace Mdfld.Generation;

/// <summary>Which card a process takes.</summary>
internal static class GeneratorDevice
{
    /// <summary>The device a recipe names; of several processes each takes the card of its LOCAL_RANK.</summary>
    /// <exception cref="InvalidDataException">It names none, or LOCAL_RANK is no number.</exception>
    public static Device Of(string name)
    {
        Device device;
        try
        {
            device = Devices.Parse(name);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"'device' of the recipe: {e.Message}", e);
        }
        if (device.type == DeviceType.CPU || name.Contains(':', StringComparison.Ordinal)
            || Environment.GetEnvironmentVariable("LOCAL_RANK") is not { Length: > 0 } local)
            return device;
        return int.TryParse(local, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            ? new Device(DeviceType.CUDA, n) : throw new InvalidDataException($"LOCAL_RANK is '{local}': expected a number");
    }
}

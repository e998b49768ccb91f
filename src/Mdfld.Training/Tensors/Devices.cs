namespace Mdfld.Training;

/// <summary>Devices by the names that recipes and the command line give them.</summary>
public static class Devices
{
    /// <summary>"cpu", "cuda", "cuda:1", or "auto": a card where there is one.</summary>
    /// <exception cref="ArgumentException">The text names no device, or this libtorch has no such one.</exception>
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
            throw new ArgumentException($"'{text}' is no device: expected cpu, cuda, cuda:N or auto");
        if (!cuda.is_available())
        {
            throw new ArgumentException(
                $"'{text}' needs a CUDA card and libtorch's CUDA build, of which one is missing here: set MDFLD_LIBTORCH "
                + "to the folder of the CUDA build's libraries");
        }
        return new Device(text);
    }
}

namespace Mdfld.Torch;

/// <summary>libtorch refused a call; the message is its own.</summary>
public sealed class TorchException(string message) : Exception(message);

namespace Mdfld.Cli;

/// <summary>The call makes no sense; the message says which part, and what would.</summary>
internal sealed class UsageException(string message) : Exception(message);

namespace Mdfld.Cli;

/// <summary>What the process returns; 0 where all went well.</summary>
internal static class ExitCode
{
    /// <summary>A job that failed.</summary>
    public const int Failed = 1;

    /// <summary>A call that makes no sense.</summary>
    public const int BadCall = 2;

    public const int Interrupted = 130;

    /// <summary>The reader of the output has closed it; a shell's code for a program that SIGPIPE ended.</summary>
    public const int ReaderGone = 141;
}

/// <summary>The call makes no sense; the message says which part, and what would.</summary>
internal sealed class UsageException(string message) : Exception(message)
{
    /// <summary>Opens what an option names.</summary>
    /// <exception cref="UsageException">A folder or a file of it is missing.</exception>
    public static T IfMissing<T>(string option, Func<T> open) =>
        If(option, open, e => e is DirectoryNotFoundException or FileNotFoundException);

    /// <summary>Does what an option asks for.</summary>
    /// <exception cref="UsageException">It asks for what is not possible.</exception>
    public static T IfRefused<T>(string option, Func<T> work) =>
        If(option, work, e => e is ArgumentException or InvalidOperationException);

    /// <summary>Reads a file that is a part of the call, such as a recipe.</summary>
    /// <exception cref="UsageException">It is broken.</exception>
    public static T IfBroken<T>(Func<T> read) => If("", read, e => e is InvalidDataException);

    private static T If<T>(string option, Func<T> work, Predicate<Exception> isOfCall)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (isOfCall(e))
        {
            throw new UsageException(option + e.Message);
        }
    }
}

internal static class ErrorText
{
    /// <summary>The message, of a list a line each, with a way to see where it comes from if it was not written for the user.</summary>
    public static string Of(Exception e) => e switch
    {
        _ when Environment.GetEnvironmentVariable("MDFLD_TRACE") == "1" => Terminal.Clean(e.ToString(), lines: true),
        InvalidDataException { InnerException: ProblemListException list } =>
            string.Join("\n  ", list.Problems.Prepend(list.Title).Select(OneLine)),
        InvalidDataException or IOException or UnauthorizedAccessException or DllNotFoundException
            or NotSupportedException => OneLine(e.Message),
        { InnerException: { } inner } and (TypeInitializationException or AggregateException) => Of(inner),
        _ => $"{OneLine(e.Message)} (unexpected; MDFLD_TRACE=1 shows where)",
    };

    /// <summary>Says, where entries of data are listed as wrong, how to do without them.</summary>
    public static T WithHint<T>(bool isSkipped, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException e) when (!isSkipped && e.InnerException is ProblemListException list)
        {
            throw new InvalidDataException(
                e.Message, new ProblemListException(list.Title, [.. list.Problems, "--skip-bad leaves them out"]));
        }
    }

    /// <summary>A message without line breaks and control characters.</summary>
    public static string OneLine(string message) => Terminal.Clean(message.ReplaceLineEndings(" ").Trim());
}

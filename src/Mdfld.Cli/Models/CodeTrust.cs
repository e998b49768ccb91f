namespace Mdfld.Cli;

/// <summary>The user's permission to run a program inside a model file.</summary>
/// <param name="isGiven">True if --trust-code was given.</param>
/// <param name="error">Where it is told that one runs.</param>
internal sealed class CodeTrust(bool isGiven, TextWriter error)
{
    /// <summary>To be called before a TorchScript file is handed to libtorch.</summary>
    /// <exception cref="InvalidDataException">--trust-code was not given.</exception>
    public void Require(string file)
    {
        if (!isGiven)
        {
            throw new InvalidDataException(
                $"{file}: TorchScript is a program that would run with your rights: give --trust-code to run it, "
                + "if you trust where it comes from");
        }
        Say(file, "--trust-code");
    }

    /// <summary>The same, but the files that <c>mdfld model pull</c> knows by their SHA-256 need no word.</summary>
    /// <exception cref="InvalidDataException">--trust-code was not given, and the file is another.</exception>
    public void RequireUnlessPublished(string file)
    {
        if (!isGiven && PublishedWeights.Knows(file))
            Say(file, "published weights");
        else
            Require(file);
    }

    private void Say(string file, string why) =>
        error.WriteLine($"mdfld: running the program in {Terminal.Clean(file)} ({why})");
}

namespace Mdfld.Cli;

/// <summary>Weights that others published, and <c>mdfld model pull</c> can fetch.</summary>
internal sealed record PublishedWeights(string Name, string File, Uri Url, long Bytes, string Sha256, string About)
{
    private const string Releases = "https://github.com/zenonLEE/MDFLD/releases/download";

    public static IReadOnlyList<PublishedWeights> All { get; } =
    [
        new(
            "mdfld-v2",
            "mdfld_cartoon_v2.pkl",
            new Uri($"{Releases}/v2.0/mdfld_cartoon_v2.pkl"),
            69_027_997,
            "f061f616133fe0d2497093037af2a8ff6968fb898016188282fd0f914ae9d65e",
            "MDFLD 2.0: STAR fine-tuned on 25 drawn and painted styles, a checkpoint"),
        new(
            "mdfld-v3",
            "mdfld_cartoon_v3.torchscript.pt",
            new Uri($"{Releases}/v3.0/mdfld_cartoon_v3.torchscript.pt"),
            419_214_809,
            "dc5de1817397fb0f8eed113b971ea367e21bf7fb09ab22dff11181bf7cd0a337",
            "MDFLD 3.0: TorchScript, code that runs in libtorch"),
    ];

    public RemoteFile Remote => new(Name, Bytes, Sha256);

    /// <summary>What a user has to know before fetching them.</summary>
    public string Licence =>
        $"""
        {Name}: {About}
          from     {Url}
          bytes    {Bytes}
          sha256   {Sha256}
          licence  none was found at https://github.com/zenonLEE/MDFLD, so all rights are the authors' (Li, Kim, Kwak,
                   Ku, Ko; ICASSP 2024). The data that such networks learn from, 300-W, is for research and not for
                   commerce. Mdfld's own MIT licence does not cover these weights.
        """;

    public string Path => System.IO.Path.Combine(UserFolders.Data, "weights", File);
    public bool IsInstalled => System.IO.File.Exists(Path);

    /// <summary>True for a file of the same bytes as one of them.</summary>
    public static bool Knows(string file)
    {
        var bytes = new FileInfo(file).Length;
        return All.Any(w => w.Bytes == bytes) && FileHash.Of(file) is var hash && All.Any(w => w.Sha256 == hash);
    }

    public static PublishedWeights? Find(string name) =>
        All.FirstOrDefault(w => w.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>The user's permission to run a program inside a model file.</summary>
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
        Report(file, "--trust-code");
    }

    /// <summary>As above, but published weights, known by their SHA-256, need no permission.</summary>
    /// <exception cref="InvalidDataException">--trust-code was not given, and the file is another.</exception>
    public void RequireUnlessPublished(string file)
    {
        if (!isGiven && PublishedWeights.Knows(file))
            Report(file, "published weights");
        else
            Require(file);
    }

    private void Report(string file, string why) =>
        error.WriteLine($"mdfld: running the program in {Terminal.Clean(file)} ({why})");
}

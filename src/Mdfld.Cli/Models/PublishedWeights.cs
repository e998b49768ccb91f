namespace Mdfld.Cli;

/// <summary>A file that others published.</summary>
internal sealed record PublishedFile(string Name, Uri Url, long Bytes, string Sha256)
{
    public RemoteFile Remote => new(Name, Bytes, Sha256);
}

/// <summary>Weights that others published, and <c>mdfld model pull</c> can fetch.</summary>
/// <param name="About">What they are, for a list.</param>
/// <param name="Terms">Whose they are, and what they may be used for.</param>
/// <param name="Option">The option that takes them by name.</param>
/// <param name="Files">One, or several that belong into one folder.</param>
internal sealed record PublishedWeights(
    string Name, string About, string Terms, string Option, params IReadOnlyList<PublishedFile> Files)
{
    private const string Releases = "https://github.com/zenonLEE/MDFLD/releases/download";

    private const string OfMdfld =
        """
        none was found at https://github.com/zenonLEE/MDFLD, so all rights are the authors' (Li, Kim, Kwak,
                   Ku, Ko; ICASSP 2024). The data that such networks learn from, 300-W, is for research and not for
                   commerce. Mdfld's own MIT licence does not cover these weights.
        """;

    public static IReadOnlyList<PublishedWeights> All { get; } =
    [
        new(
            "mdfld-v2", "MDFLD 2.0: STAR fine-tuned on 25 drawn and painted styles, a checkpoint", OfMdfld, "--model",
            new PublishedFile(
                "mdfld_cartoon_v2.pkl", new Uri($"{Releases}/v2.0/mdfld_cartoon_v2.pkl"), 69_027_997,
                "f061f616133fe0d2497093037af2a8ff6968fb898016188282fd0f914ae9d65e")),
        new(
            "mdfld-v3", "MDFLD 3.0: TorchScript, code that runs in libtorch", OfMdfld, "--model",
            new PublishedFile(
                "mdfld_cartoon_v3.torchscript.pt", new Uri($"{Releases}/v3.0/mdfld_cartoon_v3.torchscript.pt"),
                419_214_809, "dc5de1817397fb0f8eed113b971ea367e21bf7fb09ab22dff11181bf7cd0a337")),
        Taesd(
            "taesd", "Stable Diffusion 1 and 2", 2_450_568,
            "a6b8c0fda4aad50784e543389e0239c72c5e31e9775c9e612ea8333bf3a77dcb", 2_450_590,
            "d903e7cc3ae58f21d985a3498a841fa8b230edccff7ac5d27607b0c557945c6f"),
        Taesd(
            "taesdxl", "Stable Diffusion XL", 2_450_568,
            "3d78013286676a1a51074831230f90972e573698fe4b11416d6f28e0cd5bbe7e", 2_450_590,
            "ae5256b046b01d577279ed93a55bbb1fb2689e55aa14cfc0f7f841e0160202a5"),
        Taesd(
            "taesd3", "Stable Diffusion 3", 2_464_424,
            "e5c96f3476bd26fe73e96d701a694f40d7ab48a290494cbbf70a3697d09cab4a", 2_464_414,
            "e940e227e2a41919f0735ec423129724666f8b949c8bbce7a04b78ecfb4667de"),
    ];

    /// <summary>What a user has to know before fetching them.</summary>
    public string Licence => string.Join('\n', [
        $"{Name}: {About}",
        .. Files.SelectMany(f => (string[])[
            $"  from     {f.Url}", $"  bytes    {f.Bytes}", $"  sha256   {f.Sha256}"]),
        $"  licence  {Terms}",
    ]);

    /// <summary>The file, or the folder of the files.</summary>
    public string Path => Files is [var only] ? PathOf(only) : System.IO.Path.Combine(UserFolders.Data, "weights", Name);

    public bool IsInstalled => Files.All(f => File.Exists(PathOf(f)));

    /// <summary>The path at which one of the files is kept.</summary>
    public string PathOf(PublishedFile file) => Files.Count == 1
        ? System.IO.Path.Combine(UserFolders.Data, "weights", file.Name)
        : System.IO.Path.Combine(Path, file.Name);

    /// <summary>The first of its files that has other bytes than the published one, and their SHA-256.</summary>
    public (PublishedFile Published, string Path, string Sha256)? Altered() => Files
        .Select(f => (f, PathOf(f), FileHash.Of(PathOf(f))))
        .Cast<(PublishedFile Published, string Path, string Sha256)?>()
        .FirstOrDefault(f => f!.Value.Sha256 != f.Value.Published.Sha256);

    /// <summary>True for a file of the same bytes as one of them.</summary>
    public static bool Knows(string file)
    {
        var bytes = new FileInfo(file).Length;
        var all = All.SelectMany(w => w.Files).Where(f => f.Bytes == bytes).ToArray();
        return all.Length > 0 && FileHash.Of(file) is var hash && all.Any(f => f.Sha256 == hash);
    }

    public static PublishedWeights? Find(string name) =>
        All.FirstOrDefault(w => w.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static PublishedWeights Taesd(
        string name, string model, long encoderBytes, string encoder, long decoderBytes, string decoder)
    {
        // bfloat16, as ComfyUI's users have them, at a commit that stays.
        const string From =
            "https://raw.githubusercontent.com/joshellis625/ComfyUI/9360bbca8af3fcc01b4f23ed494d127f609442ab/models/vae_approx";
        return new(
            name, $"small autoencoder for the latents of {model}",
            "MIT, Ollin Boer Bohan (https://github.com/madebyollin/taesd)", "--vae",
            File($"{name}_encoder.safetensors", encoderBytes, encoder),
            File($"{name}_decoder.safetensors", decoderBytes, decoder));

        PublishedFile File(string file, long bytes, string sha256) => new(file, new Uri($"{From}/{file}"), bytes, sha256);
    }
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

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld setup</c>: gets what a command needs and no package carries.</summary>
internal static class SetupCommand
{
    public static Command Create() =>
        new("setup", "Fetches what some commands need.") { CreateTorch() };

    private static Command CreateTorch()
    {
        var from = new Option<string?>("--from")
        {
            Description = "Takes the libtorch in this folder instead, such as one with CUDA",
            HelpName = "FOLDER",
        };
        var command = new Command(
            "torch", "Fetches libtorch, which train, export, generate and original need.")
        {
            from,
        };
        command.SetAction(async (parsed, stop) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var folder = TorchRuntime.UserFolder
                ?? throw new IOException("this user has no home folder: set XDG_DATA_HOME to a folder for libtorch");
            if (parsed.GetValue(from) is { } given)
                Name(Path.GetFullPath(given), folder);
            else if (TorchRuntime.Find() is { } found)
                output.WriteLine($"libtorch {TorchRuntime.Version} is there already: {found}");
            else
                await FetchAsync(TorchPackage.ForThisMachine(), folder, stop);
            TorchRuntime.Load();
            output.WriteLine($"libtorch: {TorchRuntime.Find()}");
            return 0;
        });
        return command;
    }

    private static void Name(string libtorch, string folder)
    {
        if (!TorchRuntime.IsLibtorch(libtorch))
            throw new InvalidDataException(
                $"{libtorch}: expected the libraries of libtorch {TorchRuntime.Version} for {TorchRuntime.Platform}");
        Directory.CreateDirectory(folder);
        AtomicFile.Write(
            Path.Combine(folder, TorchRuntime.FolderFile), System.Text.Encoding.UTF8.GetBytes(libtorch));
    }

    private static async Task FetchAsync(TorchPackage package, string folder, CancellationToken stop)
    {
        using var client = Download.Client();
        var url = await package.FindAsync(client, stop);
        var file = folder + ".nupkg";
        await Download.ShowAsync(client, new RemoteFile("libtorch", package.Bytes, package.Sha256), url, file, stop);
        package.Unpack(file, folder);
        File.Delete(file);
    }
}

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld dataset prepare</c>: folders that recipes name, out of data sets as they are downloaded.</summary>
internal static class DatasetPrepareCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("SET")
        {
            Description = $"What was downloaded: {string.Join(", ", DatasetPreparation.Names)}",
        };
        name.AcceptOnlyFromAmong([.. DatasetPreparation.Names]);
        var source = new Argument<string>("DIR")
        {
            Description = "Its archives (.zip, .tar, .tar.gz), or what came out of them",
        };
        var output = SharedOptions.Out("DIR", "Folder to make the data folders in");
        var names = SharedOptions.Text(
            "--names", "FILE", "Takes only pictures that this list names, such as recipes/lists/300w.txt");
        var force = SharedOptions.Flag("--force", "Replaces the data folders that --out holds already");
        var quiet = SharedOptions.Quiet();
        return new Command("prepare", "Makes the folders that recipes and model cards name out of a public data set.")
        {
            name, source, output, names, force, quiet,
        }.Does((parsed, stop) =>
        {
            var (set, path, target) =
                (parsed.GetRequiredValue(name), parsed.GetRequiredValue(source), parsed.GetRequiredValue(output));
            if (File.Exists(target))
                throw new UsageException($"--out {target}: this is a file, expected a folder");
            var wanted = parsed.GetValue(names) is { } list
                ? UsageException.IfMissing("--names ", () => DatasetPreparation.ReadNames(list)) : null;
            var made = UsageException.IfMissing(
                "", () => DatasetPreparation.Prepare(set, path, target, wanted, parsed.GetValue(force), stop));
            foreach (var folder in parsed.GetValue(quiet) ? [] : made)
                parsed.InvocationConfiguration.Output.WriteLine(Line(Path.Combine(target, folder.Name), folder));
            return 0;
        });
    }

    private static string Line(string path, PreparedFolder folder)
    {
        (int Count, string Why)[] left =
        [
            (folder.HeldOut, "held out: the same pictures are in a -val folder"),
            (folder.NotNamed, "not named by the list"),
            (folder.Without, "without a picture"),
            (folder.Bad, "malformed or of other points"),
        ];
        return $"{path}: {folder.Faces} faces" + string.Concat(
            left.Where(l => l.Count > 0).Select(l => $"; {l.Count} {l.Why}"));
    }
}

using Mdfld.Generation.Dataset;

namespace Mdfld.Cli.Commands;

/// <summary>
/// <c>mdfld dataset</c>: labelled faces in other people's formats; <c>convert</c>, <c>preview</c> and <c>verify</c>.
/// </summary>
internal static class DatasetCommand
{
    public static Command Create() => new(
        "dataset", "Converts, inspects, shows, splits, prepares and verifies labelled faces.")
    {
        Convert(),
        DatasetInspectCommand.Create(),
        Preview(),
        DatasetSplitCommand.Create(),
        DatasetPrepareCommand.Create(),
        Verify(),
        DatasetStylesCommand.Create(),
    };

    /// <summary>Where the command writes labelled faces.</summary>
    public static Argument<string> Output() => new("OUT") { Description = "Folder to write, new or empty" };

    public static Option<bool> Copy() => SharedOptions.Flag("--copy", "Copies the pictures too, into OUT's images/");

    public static Option<string> To()
    {
        var option = new Option<string>("--to") { Description = "Format to write", HelpName = "FORMAT" };
        option.AcceptOnlyFromAmong([.. AnnotationFormat.All.Where(f => f.IsWritten).Select(f => f.Name)]);
        return option;
    }

    public static Option<int> Pixel(string name, string description)
    {
        var option = SharedOptions.Value(name, "0|1", description, 0);
        option.AcceptOnlyFromAmong("0", "1");
        return option;
    }

    /// <param name="path">The folder to make.</param>
    /// <param name="force">Whether one that holds something is replaced.</param>
    /// <param name="inputs">What is read: none of it may be in a folder that is replaced.</param>
    /// <exception cref="UsageException">There is a file of that name, or a folder that must stay.</exception>
    public static AtomicFolder NewFolder(string path, bool force, IEnumerable<string?> inputs)
    {
        if (File.Exists(path))
            throw new UsageException($"{path}: this is a file, expected a folder to be made");
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
        {
            if (!force)
                throw new UsageException($"{path}: this folder holds something already; name another, or --force");
            InputFiles.Keep(path, [.. inputs, "."]);
        }
        return new AtomicFolder(path);
    }

    private static Command Convert()
    {
        var source = new AnnotationSource();
        var output = Output();
        var to = To();
        to.Required = true;
        var points = new Option<int?>("--points")
        {
            Description = "Points to write; 98 are turned into 68",
            HelpName = "N",
        };
        points.AcceptOnlyFromAmong("68", "98", "29");
        var origin = Pixel("--to-pixel", "What OUT is to call the centre of the top-left pixel: 0 or 1");
        var copy = Copy();
        var force = SharedOptions.Force("OUT");
        var quiet = SharedOptions.Quiet();
        return new Command("convert", "Writes labelled faces in another format.")
        {
            source, output, to, points, origin, copy, force, quiet,
        }.Does((parsed, stop) =>
        {
            var target = parsed.GetRequiredValue(output);
            using var folder = NewFolder(target, parsed.GetValue(force), source.Inputs(parsed));
            var format = AnnotationFormat.ByName(parsed.GetRequiredValue(to));
            var set = source.ReadFor(target, parsed);
            if (parsed.GetValue(points) is { } count)
                set = UsageException.IfRefused($"--points {count}: ", () => set.To(LandmarkScheme.ForCount(count)));
            set = set.Moved(new Vector2(parsed.GetValue(origin)));
            var left = set.Write(format, folder.Path, parsed.GetValue(copy), stop);
            folder.Publish();
            var written = format.KeepsMissing ? set.Faces : [.. set.Faces.Where(f => f.IsComplete)];
            var pictures = written.DistinctBy(f => f.ImagePath).Count();
            var lost = (left > 0 ? $"; {left} left out: {format.Name} cannot say which points are missing" : "")
                + (set.Bad > 0 ? $"; {set.Bad} entries that are wrong left out" : "")
                + (!format.KeepsStyles && set.Faces.Any(f => f.Style is not null)
                    ? $"; styles are not kept by {format.Name}" : "");
            if (!parsed.GetValue(quiet))
            {
                parsed.InvocationConfiguration.Output.WriteLine(
                    $"{target}: {written.Count} faces of {pictures} pictures{lost}");
            }
            return 0;
        });
    }

    private static Command Preview()
    {
        var source = new AnnotationSource();
        var output = SharedOptions.Out("DIR", "Folder to write sheets into, new or empty");
        var most = SharedOptions.Number("--count", "N", "Faces shown; of more, evenly spread ones", 120, 1, 10_000);
        var size = SharedOptions.Number("--size", "PIXELS", "Side of a face on the sheet", 192, 32, 1024);
        var force = SharedOptions.Force();
        var quiet = SharedOptions.Quiet();
        return new Command("preview", "Draws sheets of faces with their points, style by style.")
        {
            source, output, most, size, force, quiet,
        }.Does((parsed, stop) =>
        {
            var target = parsed.GetRequiredValue(output);
            using var folder = NewFolder(target, parsed.GetValue(force), source.Inputs(parsed));
            var failed = 0;
            DatasetPreview.Write(
                source.ReadFor(target, parsed), folder.Path, parsed.GetValue(most), parsed.GetValue(size),
                (_, error) =>
                {
                    failed++;
                    parsed.InvocationConfiguration.Error.WriteLine($"mdfld: {ErrorText.Of(error)}");
                },
                stop);
            folder.Publish();
            return failed > 0 ? ExitCode.Failed : 0;
        });
    }

    private static Command Verify()
    {
        var folder = new Argument<string>("DIR") { Description = "What mdfld generate wrote" };
        var quiet = SharedOptions.Quiet();
        return new Command("verify", "Checks every file of a generated data set; exit code 1 where one is wrong.")
        {
            folder, quiet,
        }.Does((parsed, stop) =>
        {
            var path = parsed.GetRequiredValue(folder);
            if (!Directory.Exists(path))
                throw new UsageException($"{path}: no such folder");
            var found = DatasetVerification.Of(path, stop);
            var output = parsed.InvocationConfiguration.Output;
            foreach (var defect in found.Defects)
                output.WriteLine(Terminal.Clean($"{defect.File}: {defect.Detail}"));
            var result = found.Defects.Count == 0 ? "no problems" : $"{found.Defects.Count} problems";
            if (!parsed.GetValue(quiet))
                output.WriteLine($"{path}: {found.Pairs} pairs in {found.Styles} styles, {result}");
            return found.Defects.Count > 0 ? ExitCode.Failed : 0;
        });
    }
}

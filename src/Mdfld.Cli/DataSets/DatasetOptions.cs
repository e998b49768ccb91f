using System.CommandLine;

namespace Mdfld.Cli.DataSets;

/// <summary>What several commands of <c>mdfld dataset</c> take.</summary>
internal static class DatasetOptions
{
    public static Argument<string> Output() => new("OUT") { Description = "Folder to write, new or empty" };

    public static Option<bool> Copy() => new("--copy") { Description = "Copies the pictures too, into OUT's images/" };

    public static Option<string> To()
    {
        var option = new Option<string>("--to") { Description = "Format to write", HelpName = "FORMAT" };
        option.AcceptOnlyFromAmong([.. AnnotationFormats.All.Where(f => f.IsWritten).Select(f => f.Name)]);
        return option;
    }

    public static Option<int> Pixel(string name, string description)
    {
        var option = new Option<int>(name)
        {
            Description = description,
            HelpName = "0|1",
            DefaultValueFactory = _ => 0,
        };
        option.AcceptOnlyFromAmong("0", "1");
        return option;
    }

    /// <exception cref="UsageException">There is a file of that name, or a folder with something in it.</exception>
    public static AtomicFolder NewFolder(string path)
    {
        if (File.Exists(path))
            throw new UsageException($"{path}: this is a file, expected a folder to be made");
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new UsageException($"{path}: this folder holds something already; name a new or empty one");
        return new AtomicFolder(path);
    }
}

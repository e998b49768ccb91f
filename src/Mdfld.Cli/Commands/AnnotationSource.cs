namespace Mdfld.Cli.Commands;

/// <summary>Annotations of any format that a command reads, and what is done where some are wrong.</summary>
internal sealed class AnnotationSource : IOptionGroup
{
    private readonly Argument<string>? _path;

    private readonly Option<string> _format =
        SharedOptions.Value("--from", "FORMAT", "Format of the annotations", "auto");

    private readonly Option<string?> _pictures = SharedOptions.Text(
        "--images", "DIR", "Folder of the pictures [default: images/ beside the annotations, or their own folder]");

    private readonly Option<int> _pixel = DatasetCommand.Pixel(
        "--from-pixel", "What the annotations call the centre of the top-left pixel: 0 or 1");

    private readonly Option<string?> _map = SharedOptions.Text(
        "--map", "FILE", "Where points with names or an order of their own belong: lines of NAME NUMBER, 0 to 67");

    private readonly Option<bool> _skipBad = SharedOptions.SkipBad();

    /// <param name="hasArgument">Whether the annotations are an argument IN, and not an option of the command.</param>
    public AnnotationSource(bool hasArgument = true)
    {
        if (hasArgument)
            _path = new Argument<string>("IN") { Description = "Annotations: a file, or a folder that holds them" };
        _format.AcceptOnlyFromAmong(["auto", .. AnnotationFormat.All.Where(f => f.IsRead).Select(f => f.Name)]);
    }

    public void AddTo(Command command)
    {
        if (_path is not null)
            command.Add(_path);
        command.Add(_format);
        command.Add(_pictures);
        command.Add(_pixel);
        command.Add(_map);
        command.Add(_skipBad);
    }

    public string Path(ParseResult parsed) => parsed.GetRequiredValue(_path!);

    /// <summary>The files and folders that are named.</summary>
    public IEnumerable<string?> Inputs(ParseResult parsed) =>
        [Path(parsed), parsed.GetValue(_pictures), parsed.GetValue(_map)];

    public FaceSet Read(ParseResult parsed) => Read(parsed, Path(parsed));

    /// <summary>As <see cref="Read(ParseResult)"/>, where no picture may lie in a folder that is replaced.</summary>
    public FaceSet ReadFor(string output, ParseResult parsed)
    {
        var set = Read(parsed);
        if (Directory.Exists(output) && set.Inside is null)
        {
            InputFiles.Keep(output, set.Faces.Select(face => System.IO.Path.GetDirectoryName(set.ImagePath(face)))
                .Distinct().Where(Directory.Exists));
        }
        return set;
    }

    /// <summary>Reads annotations; what is left out of them is said on standard error.</summary>
    /// <param name="option">The option that names them, with a space after it.</param>
    /// <exception cref="UsageException">Something that is named is not there.</exception>
    /// <exception cref="InvalidDataException">Entries are wrong and not to be left out: all are listed.</exception>
    public FaceSet Read(ParseResult parsed, string path, string option = "")
    {
        var (name, pictures) = (parsed.GetRequiredValue(_format), parsed.GetValue(_pictures));
        if (!FileNames.IsFile(path) && !FileNames.IsFolder(path))
            throw new UsageException($"{option}{path}: no such file or folder");
        if (pictures is not null && !FileNames.IsFolder(pictures))
            throw new UsageException($"--images {pictures}: no such folder");
        var map = parsed.GetValue(_map) is { } file
            ? UsageException.IfMissing("--map ", () => PointMap.Read(file)) : null;
        var format = name == "auto" ? null : AnnotationFormat.ByName(name);
        var isSkipped = parsed.GetValue(_skipBad);
        var set = ErrorText.WithHint(isSkipped, () => FaceSet.Read(path, format, pictures, map, isSkipped));
        foreach (var problem in set.Problems)
            parsed.InvocationConfiguration.Error.WriteLine($"mdfld: {ErrorText.OneLine(problem)}; left out");
        return set.Moved(new Vector2(-parsed.GetValue(_pixel)));
    }
}

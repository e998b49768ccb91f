using System.CommandLine;
using System.Numerics;

namespace Mdfld.Cli.DataSets;

/// <summary>The argument IN of <c>mdfld dataset</c> and how to take it.</summary>
internal sealed class AnnotationSource
{
    private readonly Argument<string> _path = new("IN")
    {
        Description = "Annotations: a file, or a folder that holds them",
    };

    private readonly Option<string> _format = new("--from")
    {
        Description = "Format of IN",
        HelpName = "FORMAT",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string?> _pictures = new("--images")
    {
        Description = "Folder of the pictures [default: images/ beside the annotations, or their own folder]",
        HelpName = "DIR",
    };

    private readonly Option<int> _pixel =
        DatasetOptions.Pixel("--from-pixel", "What IN calls the centre of the top-left pixel: 0 or 1");

    public AnnotationSource() => _format.AcceptOnlyFromAmong(["auto", .. AnnotationFormats.All.Select(f => f.Name)]);

    public void AddTo(Command command)
    {
        command.Arguments.Insert(0, _path);
        command.Add(_format);
        command.Add(_pictures);
        command.Add(_pixel);
    }

    public string Path(ParseResult parsed) => parsed.GetRequiredValue(_path);

    public FaceSet Read(ParseResult parsed)
    {
        var (path, name, pictures) = (Path(parsed), parsed.GetRequiredValue(_format), parsed.GetValue(_pictures));
        if (!System.IO.Path.Exists(path))
            throw new UsageException($"{path}: no such file or folder");
        if (pictures is not null && !Directory.Exists(pictures))
            throw new UsageException($"--images {pictures}: no such folder");
        var format = name == "auto" ? null : AnnotationFormats.ByName(name);
        return FaceSet.Read(path, format, pictures).Moved(new Vector2(-parsed.GetValue(_pixel)));
    }
}

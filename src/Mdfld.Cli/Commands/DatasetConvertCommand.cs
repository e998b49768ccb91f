using System.CommandLine;
using System.Numerics;
using Mdfld.Cli.DataSets;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld dataset convert</c>: labelled faces from one format to another.</summary>
internal static class DatasetConvertCommand
{
    public static Command Create()
    {
        var source = new AnnotationSource();
        var output = DatasetOptions.Output();
        var to = DatasetOptions.To();
        to.Required = true;
        var points = new Option<int?>("--points")
        {
            Description = "Points to write; 98 are turned into 68",
            HelpName = "N",
        };
        points.AcceptOnlyFromAmong("68", "98", "29");
        var origin = DatasetOptions.Pixel("--to-pixel", "What OUT is to call the centre of the top-left pixel: 0 or 1");
        var copy = DatasetOptions.Copy();
        var command = new Command("convert", "Writes labelled faces in another format.") { output };
        source.AddTo(command);
        foreach (var option in (Option[])[to, points, origin, copy])
            command.Add(option);
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                using var folder = DatasetOptions.NewFolder(parsed.GetRequiredValue(output));
                var format = AnnotationFormats.ByName(parsed.GetRequiredValue(to));
                var set = source.Read(parsed);
                if (parsed.GetValue(points) is { } count)
                    set = WithPoints(set, count);
                set = set.Moved(new Vector2(parsed.GetValue(origin)));
                DatasetWriter.Write(set, format, folder.Path, parsed.GetValue(copy), stop);
                folder.Publish();
                var pictures = set.Faces.DistinctBy(f => f.ImagePath).Count();
                var lost = !format.KeepsStyles && set.Faces.Any(f => f.Style is not null)
                    ? $"; styles are not kept by {format.Name}" : "";
                parsed.InvocationConfiguration.Output.WriteLine(
                    $"{parsed.GetRequiredValue(output)}: {set.Faces.Count} faces of {pictures} pictures{lost}");
                return 0;
            },
            CancellationToken.None));
        return command;
    }

    private static FaceSet WithPoints(FaceSet set, int count)
    {
        try
        {
            return set.To(LandmarkScheme.ForCount(count));
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"--points {count}: {e.Message}");
        }
    }
}

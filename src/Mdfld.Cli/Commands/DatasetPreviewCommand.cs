using System.CommandLine;
using Mdfld.Cli.DataSets;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld dataset preview</c>: sheets of faces with their points.</summary>
internal static class DatasetPreviewCommand
{
    public static Command Create()
    {
        var source = new AnnotationSource();
        var output = new Option<string>("--out")
        {
            Description = "Folder to write sheets into, new or empty",
            HelpName = "DIR",
            Required = true,
        };
        var most = SharedOptions.Number("--faces", "N", "Faces shown; of more, evenly spread ones", 120, 1, 10_000);
        var size = SharedOptions.Number("--size", "PIXELS", "Side of a face on the sheet", 192, 32, 1024);
        var command = new Command("preview", "Draws sheets of faces with their points, style by style.");
        source.AddTo(command);
        foreach (var option in (Option[])[output, most, size])
            command.Add(option);
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                using var folder = DatasetOptions.NewFolder(parsed.GetRequiredValue(output));
                var (configuration, failed) = (parsed.InvocationConfiguration, 0);
                DatasetPreview.Write(
                    source.Read(parsed), folder.Path, parsed.GetValue(most), parsed.GetValue(size), Complain, stop);
                folder.Publish();
                return failed > 0 ? CommandLine.Failed : 0;

                void Complain(LabelledFace face, Exception error)
                {
                    failed++;
                    configuration.Error.WriteLine($"mdfld: {CommandLine.Describe(error)}");
                }
            },
            CancellationToken.None));
        return command;
    }
}

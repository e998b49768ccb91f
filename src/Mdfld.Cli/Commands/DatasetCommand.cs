using System.CommandLine;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld dataset</c>: labelled faces in other people's formats.</summary>
internal static class DatasetCommand
{
    public static Command Create() => new("dataset", "Converts, inspects, shows, splits and verifies labelled faces.")
    {
        DatasetConvertCommand.Create(),
        DatasetInspectCommand.Create(),
        DatasetPreviewCommand.Create(),
        DatasetSplitCommand.Create(),
        DatasetVerifyCommand.Create(),
        DatasetStylesCommand.Create(),
    };
}

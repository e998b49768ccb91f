using System.CommandLine;
using Mdfld.Cli.DataSets;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld dataset inspect</c>: what there is, and what is wrong with it.</summary>
internal static class DatasetInspectCommand
{
    public static Command Create()
    {
        var source = new AnnotationSource();
        var smallest = new Option<float>("--min-face")
        {
            Description = "Faces whose longest side is less are called tiny",
            HelpName = "PIXELS",
            DefaultValueFactory = _ => 32,
        };
        var asJson = new Option<bool>("--json") { Description = "Prints one JSON object with every problem" };
        var command = new Command("inspect", "Counts what there is and lists what is wrong; exit code 1 where it is.");
        source.AddTo(command);
        command.Add(smallest);
        command.Add(asJson);
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                var found = DatasetInspection.Of(source.Read(parsed), parsed.GetValue(smallest), stop);
                var output = parsed.InvocationConfiguration.Output;
                if (parsed.GetValue(asJson))
                    output.WriteLine(InspectionJson.Write(found));
                else
                    InspectionReport.Print(found, source.Path(parsed), output);
                return found.Problems.Count > 0 ? CommandLine.Failed : 0;
            },
            CancellationToken.None));
        return command;
    }
}

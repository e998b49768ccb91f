using System.CommandLine;
using Mdfld.Diffusion.Synthesis;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld dataset verify</c>: whether a generated data set is whole.</summary>
internal static class DatasetVerifyCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "What mdfld generate wrote" };
        var command = new Command(
            "verify", "Checks every file of a generated data set; exit code 1 where one is wrong.")
        {
            folder,
        };
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                var path = parsed.GetRequiredValue(folder);
                if (!Directory.Exists(path))
                    throw new UsageException($"{path}: no such folder");
                var found = DatasetVerification.Of(path, stop);
                var output = parsed.InvocationConfiguration.Output;
                foreach (var defect in found.Defects)
                    output.WriteLine($"{defect.File}: {defect.Detail}");
                var result = found.Defects.Count == 0 ? "no problems" : $"{found.Defects.Count} problems";
                output.WriteLine($"{path}: {found.Pairs} pairs in {found.Styles} styles, {result}");
                return found.Defects.Count > 0 ? CommandLine.Failed : 0;
            },
            CancellationToken.None));
        return command;
    }
}

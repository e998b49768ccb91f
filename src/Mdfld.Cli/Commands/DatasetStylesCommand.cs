using System.CommandLine;
using Mdfld.Cli.DataSets;
using Mdfld.Diffusion;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld dataset styles</c>: whether faces are in the styles that they are said to be in.</summary>
internal static class DatasetStylesCommand
{
    public static Command Create()
    {
        var reference = new Argument<string>("REFERENCE") { Description = "Faces whose styles a small network learns" };
        var looked = new Argument<string>("DIR") { Description = "Faces whose styles it then names" };
        var epochs = SharedOptions.Number("--epochs", "N", "How often each face is learnt from", 24, 1, 1000);
        var asJson = new Option<bool>("--json") { Description = "Prints one JSON object with both matrices" };
        var quiet = SharedOptions.Quiet();
        var command = new Command("styles", "Learns styles from one set and tells which of them it sees in another.")
        {
            reference, looked, epochs, asJson, quiet,
        };
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                var configuration = parsed.InvocationConfiguration;
                var (from, at) = (parsed.GetRequiredValue(reference), parsed.GetRequiredValue(looked));
                var rounds = parsed.GetValue(epochs);
                Mdfld.Training.TorchRuntime.Load();
                TorchSharp.torch.set_num_threads(Environment.ProcessorCount);
                var (own, other) = StyleConfusion.Measure(
                    FaceFolder.Open(from), FaceFolder.Open(at), rounds, Tell, stop);
                if (parsed.GetValue(asJson))
                    configuration.Output.WriteLine(StyleReport.Json(own, other));
                else
                    StyleReport.Print((from, own), (at, other), configuration.Output);
                return 0;

                void Tell(int epoch, double loss)
                {
                    var line = FormattableString.Invariant($"mdfld: epoch {epoch}/{rounds} loss {loss:0.000}");
                    if (!parsed.GetValue(quiet))
                        configuration.Error.WriteLine(line);
                }
            },
            CancellationToken.None));
        return command;
    }
}

using System.CommandLine;
using System.Globalization;
using Mdfld.Training;
using Mdfld.Training.Weights;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld export</c>: trained weights, ours or STAR's, to an ONNX model.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var checkpoint = new Argument<string>("CHECKPOINT")
        {
            Description = "A .safetensors of mdfld train, or STAR's .pkl",
        };
        var output = SharedOptions.Out(
            "FILE", "The ONNX model to write; FILE.safetensors gets the weights alone");
        var entry = SharedOptions.Text(
            "--entry", "NAME", "State dict of the file: net or net_ema [default: net_ema of ours, net of STAR's]");
        return new Command("export", "Turns a checkpoint into an ONNX model.")
        {
            checkpoint, output, entry,
        }.Does(parsed =>
        {
            var from = parsed.GetRequiredValue(checkpoint);
            var to = TrainingData.NewFile(parsed.GetRequiredValue(output), from);
            if (!File.Exists(from))
                throw new UsageException($"{from}: no such checkpoint file");
            if (ModelFile.Open(from) is { Kind: not ModelKind.Checkpoint } other)
                throw other.Not("a checkpoint: only weights are exported");
            DetectorExport.Save(from, to, parsed.GetValue(entry));
            var size = new FileInfo(to).Length / 1e6;
            parsed.InvocationConfiguration.Output.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{to}: {size:0.0} MB"));
            return 0;
        });
    }
}

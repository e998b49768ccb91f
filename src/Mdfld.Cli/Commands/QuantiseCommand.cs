using System.CommandLine;
using System.Globalization;
using Mdfld.Training;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld quantise</c>: a model in float to one that computes in 8-bit integers.</summary>
internal static class QuantiseCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL")
        {
            Description = "A landmark model or face finder of models/ by name, or an .onnx file",
        };
        var data = TrainingData.Folders(
            "--data", "For a landmark model: folders of labelled faces, with annotations.tsv and images/");
        var faces = TrainingData.Folders(
            "--faces", "For a finder: folders of whole pictures, with faces.tsv and images/");
        var output = SharedOptions.Out("FILE", "The model to write; never MODEL itself");
        var count = SharedOptions.Number("--count", "N", "Crops or pictures to measure ranges on", 400, 1, 1_000_000);
        var seed = SharedOptions.Seed();
        var threads = SharedOptions.Threads();
        var quiet = SharedOptions.Quiet();
        return new Command(
            "quantise", "Turns a float model into an int8 one: a quarter of the size, faster with VNNI.")
        {
            model, data, faces, output, count, seed, threads, quiet,
        }.Does((parsed, stop) =>
        {
            var file = ModelFolder.Resolve(parsed.GetRequiredValue(model));
            var target = TrainingData.NewFile(parsed.GetRequiredValue(output), file);
            var (samples, random) = (parsed.GetValue(count), parsed.GetValue(seed));
            var workers = parsed.ThreadsOf(threads);
            switch (ModelFile.Open(file))
            {
                case { Kind: ModelKind.Landmarks }:
                    var folders = TrainingData.Faces(parsed, data);
                    Terminal.WithBar(
                        samples, "crops",
                        tick => ModelQuantisation.Landmarks(
                            file, target, folders, samples, random, workers, tick, stop),
                        parsed.GetValue(quiet));
                    break;
                case { Kind: ModelKind.Finder }:
                    var pictures = TrainingData.Pictures(parsed, faces);
                    Terminal.WithBar(
                        samples, "pictures",
                        tick => ModelQuantisation.Finder(
                            file, target, pictures, samples, random, workers, tick, stop),
                        parsed.GetValue(quiet));
                    break;
                case var other:
                    throw other.Not("a landmark model or a face finder (ONNX)");
            }
            var (before, after) = (new FileInfo(file).Length / 1e6, new FileInfo(target).Length / 1e6);
            parsed.InvocationConfiguration.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{target}: {after:0.00} MB, {file} has {before:0.00} MB"));
            return 0;
        });
    }
}

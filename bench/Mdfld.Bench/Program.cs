using System.Globalization;
using Mdfld.Bench;

const int Rounds = 15;

Mdfld.Training.TorchRuntime.Load();

if (args is ["autoencoders", var data, _, ..])
{
    Autoencoders.Run(data, args[2..]);
    return 0;
}
var rounds = Rounds;
Action<int>[] chosen = args switch
{
    [] => Find("all"),
    [var name] => Find(name),
    [var name, var number] when int.TryParse(number, CultureInfo.InvariantCulture, out rounds) && rounds > 0 =>
        Find(name),
    _ => [],
};
if (chosen.Length == 0)
{
    Console.Error.WriteLine(
        $"'{string.Join(' ', args)}' is no benchmark, expected: "
        + "[all|faces|road|onnx|training|generator|generator-full|generator-folder [ROUNDS]], "
        + "or: autoencoders DATA FOLDER...");
    return 2;
}
foreach (var benchmark in chosen)
    benchmark(rounds);
return 0;

static Action<int>[] Find(string name) => name switch
{
    "all" =>
    [
        FaceSpeed.Run, WholeRoad.Run, StarInference.Run, TrainingThroughput.Run, GeneratorSpeed.Run,
    ],
    "faces" => [FaceSpeed.Run],
    "road" => [WholeRoad.Run],
    "onnx" => [StarInference.Run],
    "training" => [TrainingThroughput.Run],
    "generator" => [GeneratorSpeed.Run],
    "generator-full" => [FullSizeStep.Run],
    "generator-folder" => [FullSizeFolder.Run],
    _ => [],
};

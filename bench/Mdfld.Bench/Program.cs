using System.Globalization;
using Mdfld.Bench;

const int Rounds = 15;

if (args is ["results", var picture])
{
    ResultsPicture.Run(picture);
    return 0;
}
Mdfld.Training.TorchRuntime.Load();

if (args is ["autoencoders", var data, _, ..])
{
    Autoencoders.Run(data, args[2..]);
    return 0;
}
if (args is ["claim", var folder, _, ..] && args[2..].All(a => a.Contains('=')))
{
    Claim.Run(folder, args[2..]);
    return 0;
}
if (args is ["adapt", var sets, ..])
{
    var isSet = args[2..].ToLookup(a => a.Contains('='));
    AdaptedStyle.Run(sets, [.. isSet[false]], [.. isSet[true]]);
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
        + "[all|faces|road|tracking|onnx|training|generator|generator-full|generator-folder [ROUNDS]], "
        + "or: results FILE, autoencoders SHARED AUTOENCODER..., "
        + "claim DATA NAME=MODEL,MODEL..., adapt DATA [REPLAY|KEY=VALUE...]");
    return 2;
}
foreach (var benchmark in chosen)
    benchmark(rounds);
return 0;

static Action<int>[] Find(string name) => name switch
{
    "all" =>
    [
        FaceSpeed.Run, WholeRoad.Run, TrackingSpeed.Run, StarInference.Run, TrainingThroughput.Run, GeneratorSpeed.Run,
    ],
    "faces" => [FaceSpeed.Run],
    "road" => [WholeRoad.Run],
    "tracking" => [TrackingSpeed.Run],
    "onnx" => [StarInference.Run],
    "training" => [TrainingThroughput.Run],
    "generator" => [GeneratorSpeed.Run],
    "generator-full" => [FullSizeStep.Run],
    "generator-folder" => [FullSizeFolder.Run],
    _ => [],
};

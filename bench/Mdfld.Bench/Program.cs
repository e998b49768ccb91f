using System.Globalization;
using Mdfld.Bench;

const int Rounds = 15;

var rounds = Rounds;
Action<int>[] chosen = args switch
{
    [] => [StarInference.Run, TrainingThroughput.Run, OperatorCalls.Run],
    [var name] => Find(name),
    [var name, var number] when int.TryParse(number, CultureInfo.InvariantCulture, out rounds) && rounds > 0 =>
        Find(name),
    _ => [],
};
if (chosen.Length == 0)
{
    Console.Error.WriteLine(
        $"'{string.Join(' ', args)}' is no benchmark, expected: [all|onnx|training|operators [ROUNDS]]");
    return 2;
}
foreach (var benchmark in chosen)
    benchmark(rounds);
return 0;

static Action<int>[] Find(string name) => name switch
{
    "all" => [StarInference.Run, TrainingThroughput.Run, OperatorCalls.Run],
    "onnx" => [StarInference.Run],
    "training" => [TrainingThroughput.Run],
    "operators" => [OperatorCalls.Run],
    _ => [],
};

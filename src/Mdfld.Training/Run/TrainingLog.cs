using System.Text.Json;
using System.Text.Json.Nodes;
using Mdfld.Training.TensorBoard;

namespace Mdfld.Training;

/// <summary>
/// The run's log: one JSON object a line in <c>log.jsonl</c>, appended to when a run is resumed, and the same curves
/// for TensorBoard in <c>tensorboard/</c>.
/// </summary>
internal sealed class TrainingLog : IDisposable
{
    private readonly FileStream _file;
    private readonly EventWriter _events;
    private readonly string _measure;
    private readonly string _sheets;

    /// <param name="step">The step the run goes on from; what was written after it is dropped.</param>
    /// <param name="measure">Word before the validation sets' names.</param>
    public TrainingLog(string folder, long step, string measure)
    {
        (_measure, _sheets) = (measure, Path.Combine(folder, "sheets"));
        var log = Path.Combine(folder, "log.jsonl");
        var curves = Path.Combine(folder, "tensorboard");
        if (step == 0 && Directory.Exists(curves))
            Directory.Delete(curves, recursive: true);
        // What a killed run wrote after its last checkpoint happens again.
        var lines = step > 0 && File.Exists(log) ? File.ReadAllLines(log).Where(l => StepOf(l) <= step).ToArray() : [];
        File.WriteAllLines(log, lines);
        _file = new FileStream(log, FileMode.Append, FileAccess.Write, FileShare.Read);
        _events = new EventWriter(curves, step);
    }

    public void Write(TrainingReport report)
    {
        (string Name, double Value)[] run =
        [
            ("loss", report.Loss), ("learning_rate", report.LearningRate), ("gradient_norm", report.GradientNorm),
            ("samples_per_second", Math.Round(report.SamplesPerSecond, 1)),
        ];
        var validation = (report.Validation ?? []).Select(v => (Name: $"{_measure}/{v.Name}", v.Value)).ToArray();
        var line = new JsonObject { ["step"] = report.Step };
        foreach (var (name, value) in run.Concat(validation))
            line[name] = value;
        JsonSerializer.Serialize(_file, line);
        _file.WriteByte((byte)'\n');
        _file.Flush();

        foreach (var (name, value) in run)
            _events.Scalar($"train/{name}", report.Step, value);
        foreach (var (name, value) in validation)
            _events.Scalar(name, report.Step, value);
    }

    /// <summary>The step of a line; of one that was cut short, none that counts.</summary>
    private static long StepOf(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.GetProperty("step").GetInt64();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException
            or FormatException)
        {
            return long.MaxValue;
        }
    }

    public void Show(string name, long step, Picture picture) => _events.Picture(name, step, picture);

    /// <summary>What the network makes by now: for TensorBoard, and as <c>sheets/STEP.png</c> to look at.</summary>
    public void ShowSheet(long step, Picture picture)
    {
        Show("sheet", step, picture);
        picture.Save(Path.Combine(Directory.CreateDirectory(_sheets).FullName, $"{step}.png"));
    }

    public void Dispose()
    {
        _file.Dispose();
        _events.Dispose();
    }
}

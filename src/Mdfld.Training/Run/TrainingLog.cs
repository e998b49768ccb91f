using System.Text.Json;
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

    /// <param name="step">The step the run goes on from; what was written after it is dropped.</param>
    /// <param name="measure">Word before the validation sets' names.</param>
    public TrainingLog(string folder, long step, string measure)
    {
        _measure = measure;
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
        using (var json = new Utf8JsonWriter(_file))
        {
            json.WriteStartObject();
            json.WriteNumber("step", report.Step);
            json.WriteNumber("loss", report.Loss);
            json.WriteNumber("learning_rate", report.LearningRate);
            json.WriteNumber("gradient_norm", report.GradientNorm);
            json.WriteNumber("samples_per_second", Math.Round(report.SamplesPerSecond, 1));
            foreach (var (name, value) in report.Validation ?? [])
                json.WriteNumber($"{_measure}/{name}", value);
            json.WriteEndObject();
        }
        _file.WriteByte((byte)'\n');
        _file.Flush();

        _events.Scalar("train/loss", report.Step, report.Loss);
        _events.Scalar("train/learning_rate", report.Step, report.LearningRate);
        _events.Scalar("train/gradient_norm", report.Step, report.GradientNorm);
        _events.Scalar("train/samples_per_second", report.Step, report.SamplesPerSecond);
        foreach (var (name, value) in report.Validation ?? [])
            _events.Scalar($"{_measure}/{name}", report.Step, value);
    }

    /// <summary>The step of a line; of one that was cut short, none that counts.</summary>
    private static long StepOf(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.GetProperty("step").GetInt64();
        }
        catch (JsonException)
        {
            return long.MaxValue;
        }
    }

    /// <summary>Shows a picture beside the curves.</summary>
    public void Show(string name, long step, Picture picture) => _events.Picture(name, step, picture);

    public void Dispose()
    {
        _file.Dispose();
        _events.Dispose();
    }
}

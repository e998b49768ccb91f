using System.Text.Json.Nodes;
using Mdfld.Generation;
using Mdfld.Tests.Star;

namespace Mdfld.Tests.Generation;

/// <summary>Every run of the reference's samplers, old and new, on a model that is a formula.</summary>
public sealed class SchedulerGoldenTests : IDisposable
{
    private const string Old = "golden_schedulers.safetensors";
    private const string New = "golden_schedulers_new.safetensors";

    private static readonly JsonNode Facts =
        JsonNode.Parse(File.ReadAllText(TestFiles.Diffusion("golden_schedulers.json")))!;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var file in (string[])[Old, New])
            {
                foreach (var (name, facts) in Facts[file]!.AsObject().Where(c => c.Value is JsonObject))
                    cases.Add(file, name);
            }
            return cases;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void ARunIsThatOfTheReference(string file, string name)
    {
        var golden = GoldenTensors.OpenDiffusion(file);
        var facts = Facts[file]![name]!;
        var scheduler = Create(file, facts);
        // States of the Euler family are of the size of their noise.
        var tolerance = name.StartsWith("euler", StringComparison.Ordinal) ? 1e-3 : 1e-4;

        AssertTimesteps(golden, $"{name}/timesteps", scheduler.Timesteps);
        AssertSigmas(golden, $"{name}/sigmas", scheduler);
        Assert.Equal((double)facts["init_noise_sigma"]!, scheduler.InitialNoiseSigma, 1e-4);
        Assert.Equal((int)facts["noises_used"]! > 0, scheduler.TakesNoise);
        var (noise, trajectory) = (golden.Floats("noise"), golden.Floats($"{name}/trajectory"));
        var sample = Array.ConvertAll(golden.Floats("start"), v => (float)(v * scheduler.InitialNoiseSigma));
        var seen = new float[sample.Length];
        var steps = scheduler.Timesteps.Count;
        Assert.Equal((steps + 1) * sample.Length, trajectory.Length);
        for (var step = 0; step < steps; step++)
        {
            scheduler.ScaleInput(step, sample, seen);
            var sine = 0.1 * Math.Sin(scheduler.Timesteps[step]);
            var output = Array.ConvertAll(seen, y => (float)((0.3 * y) + sine));
            scheduler.Step(step, output, sample, noise.AsSpan(step * sample.Length, sample.Length));
            var expected = trajectory.AsSpan((step + 1) * sample.Length, sample.Length);
            Near.AssertWithin(tolerance, expected, sample, $"{name} after step {step}");
        }
    }

    private Scheduler Create(string file, JsonNode facts)
    {
        var folder = (string?)facts["prediction_type"] == "v_prediction" ? "scheduler-v" : "scheduler";
        var config = JsonNode.Parse(
            File.ReadAllText(TestFiles.Diffusion("tiny-sd", folder, "scheduler_config.json")))!.AsObject();
        var className = (string)facts["class"]!;
        config["_class_name"] = className;
        foreach (var (key, value) in facts["overrides"]!.AsObject())
            config[key] = value!.DeepClone();
        // Today's rules are the defaults; UniPC got its new one after the newer reference.
        if (file == Old || className == "UniPCMultistepScheduler")
            config["final_sigmas_type"] = "sigma_min";
        if (file == Old)
            config["round_karras_sigmas"] = true;
        var path = Path.Combine(_folder.Path, "scheduler_config.json");
        File.WriteAllText(path, config.ToJsonString());
        var read = SchedulerConfig.Read(path);
        return Schedulers.Create(
            Schedulers.NameOf(read), read, (int)facts["num_inference_steps"]!, eta: (double?)facts["eta"] ?? 0);
    }

    private static void AssertTimesteps(GoldenTensors golden, string name, IReadOnlyList<double> timesteps)
    {
        if (golden.Type(name) == "I64")
        {
            Assert.Equal(Array.ConvertAll(golden.Longs(name), t => (double)t), timesteps);
            return;
        }
        var expected = golden.Doubles(name);
        Assert.Equal(expected.Length, timesteps.Count);
        Assert.All(expected.Zip(timesteps), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }

    private static void AssertSigmas(GoldenTensors golden, string name, Scheduler scheduler)
    {
        double[] sigmas = [.. scheduler.Sigmas];
        // The older DPM-Solver++ lists other levels than it steps on.
        if (!golden.Has(name) || golden.Shape(name)[0] != sigmas.Length)
            return;
        Near.AssertWithin(1e-4, golden.Floats(name), Array.ConvertAll(sigmas, s => (float)s), name);
    }
}

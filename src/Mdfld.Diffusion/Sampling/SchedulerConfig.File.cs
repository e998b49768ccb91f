using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Mdfld.Diffusion.Sampling;

public sealed partial record SchedulerConfig
{
    private const long LongestFile = 1 << 20;

    /// <summary>Options that would change the numbers and are not there: the value at which they do nothing.</summary>
    private static readonly (string Key, bool Harmless)[] Absent =
    [
        ("thresholding", false), ("rescale_betas_zero_snr", false), ("use_exponential_sigmas", false),
        ("use_beta_sigmas", false), ("use_flow_sigmas", false), ("use_lu_lambdas", false), ("euler_at_final", false),
        ("predict_x0", true),
    ];

    /// <summary>Reads diffusers' <c>scheduler_config.json</c>.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="InvalidDataException">No such JSON, or a scheduler or option not known here.</exception>
    public static SchedulerConfig Read(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        if (new FileInfo(file) is { Exists: true, Length: > LongestFile } found)
            throw new InvalidDataException($"{file}: {found.Length} bytes, expected a scheduler config of a few lines");
        // Python writes a number that JSON does not have; it only ever says "no limit".
        var text = MinusInfinity().Replace(File.ReadAllText(file), "null");
        try
        {
            using var json = JsonDocument.Parse(text);
            var config = Read(json.RootElement);
            Schedulers.NameOf(config);
            _ = new NoiseSchedule(config);
            return config;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file}: not JSON: {e.Message}", e);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new InvalidDataException($"{file}: {e.Message}", e);
        }
    }

    /// <summary>Writes diffusers' <c>scheduler_config.json</c>; the file is there whole or not at all.</summary>
    /// <param name="file">The file.</param>
    public void Write(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        var json = new JsonObject
        {
            ["_class_name"] = ClassName,
            ["num_train_timesteps"] = TrainTimesteps,
            ["beta_start"] = BetaStart,
            ["beta_end"] = BetaEnd,
            ["beta_schedule"] = BetaSchedule,
            ["trained_betas"] =
                TrainedBetas is { } betas ? new JsonArray([.. betas.Select(b => JsonValue.Create(b))]) : null,
            ["prediction_type"] = Prediction == PredictionType.Epsilon ? "epsilon" : "v_prediction",
            ["steps_offset"] = StepsOffset,
            ["clip_sample_range"] = ClipSampleRange,
            ["use_karras_sigmas"] = UseKarrasSigmas,
        };
        Add("timestep_spacing", TimestepSpacing);
        Add("set_alpha_to_one", SetAlphaToOne);
        Add("clip_sample", ClipSample);
        Add("variance_type", VarianceType);
        Add("skip_prk_steps", SkipPrkSteps);
        Add("solver_order", SolverOrder);
        Add("solver_type", SolverType);
        Add("algorithm_type", AlgorithmType);
        Add("lower_order_final", LowerOrderFinal);
        Add("final_sigmas_type", FinalSigmasType);
        if (RoundKarrasSigmas)
            json["round_karras_sigmas"] = true;
        AtomicFile.Write(file, stream =>
        {
            using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
            json.WriteTo(writer);
        });

        void Add<T>(string key, T? value)
        {
            if (value is not null)
                json[key] = JsonValue.Create(value);
        }
    }

    private static SchedulerConfig Read(JsonElement json)
    {
        var className = json.Member("_class_name", JsonValueKind.String).GetString()!;
        foreach (var (key, harmless) in Absent)
        {
            if (Flag(json, key) is { } value && value != harmless)
                throw new FormatException($"\"{key}\": {(value ? "true" : "false")} is not supported");
        }
        if (json.Text("interpolation_type") is { } interpolation and not "linear")
            throw new FormatException($"\"interpolation_type\": \"{interpolation}\" is not supported, only \"linear\"");
        var defaults = new SchedulerConfig();
        return new SchedulerConfig
        {
            ClassName = className,
            TrainTimesteps = Whole(json, "num_train_timesteps") ?? defaults.TrainTimesteps,
            BetaStart = Number(json, "beta_start") ?? defaults.BetaStart,
            BetaEnd = Number(json, "beta_end") ?? defaults.BetaEnd,
            BetaSchedule = json.Text("beta_schedule") ?? defaults.BetaSchedule,
            TrainedBetas = json.OptionalMember("trained_betas", JsonValueKind.Array) is { } betas
                ? [.. betas.EnumerateArray().Select(b => b.GetDouble())] : null,
            Prediction = json.Text("prediction_type") switch
            {
                null or "epsilon" => PredictionType.Epsilon,
                "v_prediction" => PredictionType.Velocity,
                var other => throw new FormatException(
                    $"\"prediction_type\" is \"{other}\", expected \"epsilon\" or \"v_prediction\""),
            },
            TimestepSpacing = json.Text("timestep_spacing"),
            StepsOffset = Whole(json, "steps_offset") ?? 0,
            SetAlphaToOne = Flag(json, "set_alpha_to_one"),
            ClipSample = Flag(json, "clip_sample"),
            ClipSampleRange = Number(json, "clip_sample_range") ?? defaults.ClipSampleRange,
            VarianceType = json.Text("variance_type"),
            SkipPrkSteps = Flag(json, "skip_prk_steps"),
            UseKarrasSigmas = Flag(json, "use_karras_sigmas") ?? false,
            RoundKarrasSigmas = Flag(json, "round_karras_sigmas") ?? false,
            SolverOrder = Whole(json, "solver_order"),
            SolverType = json.Text("solver_type"),
            AlgorithmType = json.Text("algorithm_type"),
            LowerOrderFinal = Flag(json, "lower_order_final"),
            FinalSigmasType = json.Text("final_sigmas_type"),
        };
    }

    private static bool? Flag(JsonElement json, string key) =>
        !json.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw new FormatException($"\"{key}\" is {value.GetRawText()}, expected true or false");

    private static double? Number(JsonElement json, string key) =>
        json.OptionalMember(key, JsonValueKind.Number)?.GetDouble();

    private static int? Whole(JsonElement json, string key) =>
        json.OptionalMember(key, JsonValueKind.Number) is not { } value ? null
        : value.TryGetInt32(out var whole) ? whole
        : throw new FormatException($"\"{key}\" is {value.GetRawText()}, expected a whole number");

    [GeneratedRegex(@"(?<=:\s*)-Infinity\b")]
    private static partial Regex MinusInfinity();
}

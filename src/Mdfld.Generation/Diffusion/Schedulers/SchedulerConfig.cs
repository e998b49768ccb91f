using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Mdfld.Generation;

/// <summary>What the UNet was taught to predict.</summary>
public enum PredictionType
{
    /// <summary>The noise that was added (Ho et al. 2020).</summary>
    [JsonStringEnumMemberName("epsilon")]
    Epsilon,

    /// <summary>v = sqrt(abar) noise - sqrt(1 - abar) latents (Salimans, Ho 2022).</summary>
    [JsonStringEnumMemberName("v_prediction")]
    Velocity,

    /// <summary>
    /// The latents themselves: of a network narrower than what it reads nothing asks to carry the noise through (Li, He 2025).
    /// </summary>
    [JsonStringEnumMemberName("sample")]
    Sample,
}

/// <summary>
/// How noise grows over the training timesteps, and how a sampler walks back: diffusers'
/// <c>scheduler_config.json</c>. What is null is left to the sampler, each of which has its own rule.
/// </summary>
public sealed partial record SchedulerConfig
{
    private const long LongestFile = 1 << 20;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
    };

    /// <summary>Options that would change the numbers and are not there: the value at which they do nothing.</summary>
    private static readonly (string Key, bool Harmless)[] Absent =
    [
        ("thresholding", false), ("use_exponential_sigmas", false),
        ("use_beta_sigmas", false), ("use_flow_sigmas", false), ("use_lu_lambdas", false), ("euler_at_final", false),
        ("predict_x0", true),
    ];

    /// <summary>The noise of Stable Diffusion, sampled with DDIM.</summary>
    internal static SchedulerConfig StableDiffusion(PredictionType prediction) => new()
    {
        BetaStart = 0.00085,
        BetaEnd = 0.012,
        BetaSchedule = "scaled_linear",
        Prediction = prediction,
        StepsOffset = 1,
        SetAlphaToOne = false,
        ClipSample = false,
    };

    /// <summary>diffusers' name of the usual sampler, such as <c>DDIMScheduler</c>.</summary>
    [JsonPropertyName("_class_name")]
    public string ClassName { get; init; } = "DDIMScheduler";

    /// <summary>Timesteps of training, 1 to 100,000.</summary>
    [JsonPropertyName("num_train_timesteps")]
    public int TrainTimesteps { get; init; } = 1000;

    public double BetaStart { get; init; } = 0.0001;
    public double BetaEnd { get; init; } = 0.02;

    /// <summary><c>linear</c>, <c>scaled_linear</c> (linear in the root) or <c>squaredcos_cap_v2</c>.</summary>
    public string BetaSchedule { get; init; } = "linear";

    /// <summary>The betas themselves, instead of a schedule.</summary>
    public ImmutableArray<double>? TrainedBetas { get; init; }

    /// <summary>
    /// Whether the last timestep holds noise only (Lin et al. 2023): signal shares are moved so that it does. Needs a
    /// network that predicts the velocity.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool RescaleBetasZeroSnr { get; init; }

    /// <summary>What the UNet predicts.</summary>
    [JsonPropertyName("prediction_type")]
    public PredictionType Prediction { get; init; } = PredictionType.Epsilon;

    /// <summary>Timesteps of a run of fewer steps: <c>leading</c>, <c>linspace</c> or <c>trailing</c>.</summary>
    public string? TimestepSpacing { get; init; }

    /// <summary>Added to timesteps of leading spacing.</summary>
    public int StepsOffset { get; init; }

    /// <summary>DDIM, PNDM: whether the step below timestep 0 is to no noise, not to that of timestep 0.</summary>
    public bool? SetAlphaToOne { get; init; }

    /// <summary>DDIM, DDPM: whether the predicted latents are held within <see cref="ClipSampleRange"/>.</summary>
    public bool? ClipSample { get; init; }

    /// <summary>Largest absolute value of predicted latents where they are clipped.</summary>
    public double ClipSampleRange { get; init; } = 1;

    /// <summary>DDPM: <c>fixed_small</c> or <c>fixed_large</c>.</summary>
    public string? VarianceType { get; init; }

    /// <summary>LCM: timesteps that the model was distilled on, 50 where it is absent.</summary>
    public int? OriginalInferenceSteps { get; init; }

    /// <summary>LCM: what a timestep is multiplied by before it weighs the jump, 10 where it is absent.</summary>
    public double? TimestepScaling { get; init; }

    /// <summary>PNDM: must not be false; the Runge-Kutta steps of the start are not there.</summary>
    public bool? SkipPrkSteps { get; init; }

    /// <summary>Euler, DPM-Solver++, UniPC: the noise levels of Karras et al. 2022.</summary>
    public bool UseKarrasSigmas { get; init; }

    /// <summary>
    /// With <see cref="UseKarrasSigmas"/>, DPM-Solver++: steps on the noise levels of the rounded timesteps, as
    /// diffusers did before 0.22; a key of ours, to repeat pictures of those days.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool RoundKarrasSigmas { get; init; }

    /// <summary>DPM-Solver++, UniPC: 1, 2 or 3.</summary>
    public int? SolverOrder { get; init; }

    /// <summary>DPM-Solver++: <c>midpoint</c> or <c>heun</c>; UniPC: <c>bh1</c> or <c>bh2</c>.</summary>
    public string? SolverType { get; init; }

    /// <summary>DPM-Solver++: <c>dpmsolver++</c>, or <c>sde-dpmsolver++</c>, which adds noise at each step.</summary>
    public string? AlgorithmType { get; init; }

    /// <summary>DPM-Solver++ below 15 steps, UniPC: the last steps are of lower order.</summary>
    public bool? LowerOrderFinal { get; init; }

    /// <summary>
    /// DPM-Solver++, UniPC: a run ends at noise <c>zero</c> (today's rule) or at that of timestep 0, <c>sigma_min</c>
    /// (that of diffusers before 0.25, for UniPC before 0.28).
    /// </summary>
    public string? FinalSigmasType { get; init; }

    internal int Order => SolverOrder is null or (>= 1 and <= 3)
        ? SolverOrder ?? 2
        : throw new ArgumentException($"solver order {SolverOrder}, expected 1, 2 or 3");

    /// <summary>Whether the runs of multistep solvers end without any noise.</summary>
    internal bool EndsClean => Choice("final sigmas type", FinalSigmasType, "zero", "sigma_min") == "zero";

    /// <summary>Reads diffusers' <c>scheduler_config.json</c>; an option that is null is as if absent.</summary>
    /// <exception cref="InvalidDataException">No such JSON, or a scheduler or option not known here.</exception>
    public static SchedulerConfig Read(string file)
    {
        if (new FileInfo(file) is { Exists: true, Length: > LongestFile } found)
            throw new InvalidDataException($"{file}: {found.Length} bytes, expected a scheduler config of a few lines");
        // Python writes a number that JSON does not have; it only ever says "no limit".
        var text = MinusInfinity().Replace(File.ReadAllText(file), "null");
        try
        {
            using var json = JsonDocument.Parse(text);
            var config = Of(json.RootElement);
            Schedulers.NameOf(config);
            _ = new NoiseSchedule(config);
            return config;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file}: not JSON: {e.Message}", e);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidDataException($"{file}: {e.Message}", e);
        }
    }

    /// <summary>Writes diffusers' <c>scheduler_config.json</c>, atomically.</summary>
    public void Write(string file)
    {
        AtomicFile.Write(file, stream => JsonSerializer.Serialize(stream, this, Json));
    }

    /// <summary>The value of an option, where it is absent the first of those known.</summary>
    /// <exception cref="ArgumentException">It is none of those known.</exception>
    internal static string Choice(string option, string? value, params string[] known) =>
        value is null ? known[0] : known.Contains(value) ? value : throw new ArgumentException(
            $"{option} '{value}' is not known, expected {string.Join(" or ", known)}");

    private static SchedulerConfig Of(JsonElement json)
    {
        json.Member("_class_name", JsonValueKind.String);
        foreach (var (key, harmless) in Absent)
        {
            if (json.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null
                && value.ValueKind != (harmless ? JsonValueKind.True : JsonValueKind.False))
                throw new FormatException($"\"{key}\": {value.GetRawText()} is not supported");
        }
        if (json.Text("interpolation_type") is { } interpolation and not "linear")
            throw new FormatException($"\"interpolation_type\": \"{interpolation}\" is not supported, only \"linear\"");
        var given = new JsonObject(
            json.EnumerateObject().Where(option => option.Value.ValueKind != JsonValueKind.Null)
                .Select(option => KeyValuePair.Create(option.Name, JsonNode.Parse(option.Value.GetRawText()))));
        try
        {
            return given.Deserialize<SchedulerConfig>(Json)!;
        }
        catch (JsonException e) when (e.Path is ['$', '.', .. var path] && path.Split('[')[0] is var key)
        {
            throw new FormatException($"\"{key}\" is {given[key]?.ToJsonString()}, expected {Expected(key)}", e);
        }
    }

    private static string Expected(string key)
    {
        var type = Json.GetTypeInfo(typeof(SchedulerConfig)).Properties.First(p => p.Name == key).PropertyType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(bool) ? "true or false"
            : type == typeof(int) ? "a whole number"
            : type == typeof(double) ? "a number"
            : type == typeof(string) ? "a string"
            : type == typeof(PredictionType) ? "\"epsilon\", \"v_prediction\" or \"sample\""
            : "a list of numbers";
    }

    [GeneratedRegex(@"(?<=:\s*)-Infinity\b")]
    private static partial Regex MinusInfinity();
}

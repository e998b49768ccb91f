using System.Text.Json;
using Mdfld.Training.Weights;

namespace Mdfld.Generation;

/// <summary>
/// A latent diffusion model: everything between a prompt and a picture, in the folder layout of diffusers
/// (<c>model_index.json</c> and a folder a part).
/// </summary>
/// <example>
/// <code>
/// using var model = DiffusionModel.Load("stable-diffusion-v1-5", Devices.Parse("auto"));
/// </code>
/// </example>
public sealed class DiffusionModel : IDisposable
{
    private const string Index = "model_index.json";

    /// <summary>Puts a model together and owns its parts.</summary>
    /// <param name="tokenizer">From prompts to ids.</param>
    /// <param name="textEncoder">From ids to states.</param>
    /// <param name="unet">Predicts noise.</param>
    /// <param name="autoencoder">Between pictures and latents.</param>
    /// <param name="scheduler">How the noise was added.</param>
    /// <param name="controlNet">Looks at control images; may be null.</param>
    /// <exception cref="ArgumentException">The parts do not fit together.</exception>
    public DiffusionModel(
        ClipTokenizer tokenizer, ClipTextEncoder textEncoder, UNet unet, Autoencoder autoencoder,
        SchedulerConfig scheduler, ControlNet? controlNet = null)
    {
        (Tokenizer, TextEncoder, UNet, Autoencoder, Scheduler, ControlNet) =
            (tokenizer, textEncoder, unet, autoencoder, scheduler, controlNet);
        if (Fault() is { } fault)
            throw new ArgumentException(fault);
    }

    /// <summary>From prompts to ids.</summary>
    public ClipTokenizer Tokenizer { get; }

    /// <summary>From ids to states.</summary>
    public ClipTextEncoder TextEncoder { get; }

    /// <summary>Predicts noise.</summary>
    public UNet UNet { get; }

    /// <summary>Between pictures and latents.</summary>
    public Autoencoder Autoencoder { get; }

    /// <summary>How the noise was added when the model was trained, and its usual sampler.</summary>
    public SchedulerConfig Scheduler { get; }

    /// <summary>Looks at control images; null where the model has none.</summary>
    public ControlNet? ControlNet { get; }

    /// <summary>Reads a model folder.</summary>
    /// <param name="folder">Holds model_index.json.</param>
    /// <param name="device">Where the networks go.</param>
    /// <param name="type">Type of the weights in memory, whatever the files have.</param>
    /// <param name="controlNet">
    /// Folder of a ControlNet; null takes the subfolder <c>controlnet</c> if there is one.
    /// </param>
    /// <exception cref="InvalidDataException">A part is missing, broken, or does not fit the others.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static DiffusionModel Load(
        string folder, Device? device = null, ScalarType type = ScalarType.Float32, string? controlNet = null)
    {
        CheckIndex(Path.Combine(folder, Index));
        var parts = new List<Module>();
        try
        {
            var tokenizer = ClipTokenizer.Load(Part("tokenizer"));
            var scheduler = SchedulerConfig.Read(Path.Combine(Part("scheduler"), "scheduler_config.json"));
            var text = Own(ModelParts.ReadTextEncoder(Part("text_encoder"), device, type));
            var autoencoder = Own(ModelParts.ReadAutoencoder(Part("vae"), device, type));
            var unet = Own(ModelParts.ReadUNet(Part("unet"), device, type));
            var control = controlNet ?? Path.Combine(folder, "controlnet");
            return new(
                tokenizer, text, unet, autoencoder, scheduler,
                controlNet is not null || Directory.Exists(control)
                    ? Own(ModelParts.ReadControlNet(control, device, type))
                    : null);
        }
        catch (Exception e)
        {
            parts.ForEach(part => part.Dispose());
            if (e is ArgumentException)
                throw new InvalidDataException($"{folder}: {e.Message}", e);
            throw;
        }

        string Part(string name)
        {
            var path = Path.Combine(folder, name);
            return Directory.Exists(path) ? path
                : throw new InvalidDataException(
                    $"{path}: expected a folder of the model, found none; is it complete?");
        }

        T Own<T>(T part)
            where T : Module
        {
            parts.Add(part);
            return part;
        }
    }

    /// <summary>
    /// Writes a model folder; it appears, or replaces the one that was there, when all of it is written.
    /// </summary>
    /// <param name="folder">A new name, an empty folder, or a model folder to replace.</param>
    /// <param name="type">Type of the weights in the files.</param>
    /// <exception cref="IOException">The folder holds something else, or the disk refuses.</exception>
    public void Save(string folder, ScalarType type = ScalarType.Float16)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()
            && !File.Exists(Path.Combine(folder, Index)))
            throw new IOException($"{folder}: is a folder of other things; give a new one for the model");
        using var whole = new AtomicFolder(folder);
        string Place(string part) => Path.Combine(whole.Path, part);
        Tokenizer.Save(Place("tokenizer"));
        ModelParts.Write(Place("text_encoder"), TextEncoder, type);
        ModelParts.Write(Place("vae"), Autoencoder, type);
        ModelParts.Write(Place("unet"), UNet, type);
        if (ControlNet is not null)
            ModelParts.Write(Place("controlnet"), ControlNet, type);
        var scheduler = Directory.CreateDirectory(Place("scheduler")).FullName;
        Scheduler.Write(Path.Combine(scheduler, "scheduler_config.json"));
        AtomicFile.Write(Place(Index), WriteIndex);
        whole.Publish();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        TextEncoder.Dispose();
        UNet.Dispose();
        Autoencoder.Dispose();
        ControlNet?.Dispose();
    }

    private static void CheckIndex(string path)
    {
        try
        {
            using var index = JsonDocument.Parse(SmallFile.Read(path));
            if (index.RootElement.ValueKind == JsonValueKind.Object)
                return;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: expected the index of a diffusers model folder: {e.Message}", e);
        }
        throw new InvalidDataException($"{path}: expected the index of a diffusers model folder, a JSON object");
    }

    private void WriteIndex(Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString(
            "_class_name", ControlNet is null ? "StableDiffusionPipeline" : "StableDiffusionControlNetPipeline");
        foreach (var (part, library, type) in Entries())
        {
            json.WriteStartArray(part);
            json.WriteStringValue(library);
            json.WriteStringValue(type);
            json.WriteEndArray();
        }
        json.WriteBoolean("requires_safety_checker", false);
        json.WriteEndObject();
    }

    private IEnumerable<(string Part, string? Library, string? Class)> Entries()
    {
        if (ControlNet is not null)
            yield return ("controlnet", "diffusers", ControlNet.Config.ClassName);
        yield return ("feature_extractor", null, null);
        yield return ("safety_checker", null, null);
        yield return ("scheduler", "diffusers", Scheduler.ClassName);
        yield return ("text_encoder", "transformers", TextEncoder.Config.Architectures[0]);
        yield return ("tokenizer", "transformers", "CLIPTokenizer");
        yield return ("unet", "diffusers", UNet.Config.ClassName);
        yield return ("vae", "diffusers", Autoencoder.Config.ClassName);
    }

    private string? Fault()
    {
        var (unet, text) = (UNet.Config, TextEncoder.Config);
        if (unet.CrossAttentionDim != text.HiddenSize)
            return $"the UNet reads text states of width {unet.CrossAttentionDim}, "
                + $"the text encoder gives {text.HiddenSize}";
        if (unet.InChannels != Autoencoder.Config.LatentChannels || unet.OutChannels != unet.InChannels)
        {
            return $"the UNet takes {unet.InChannels} channels and gives {unet.OutChannels}, "
                + $"the latents have {Autoencoder.Config.LatentChannels}";
        }
        if (Tokenizer.VocabularySize > text.VocabSize || Tokenizer.Length > text.MaxPositionEmbeddings)
        {
            return $"the tokenizer has {Tokenizer.VocabularySize} tokens and prompts of {Tokenizer.Length}, "
                + $"the text encoder {text.VocabSize} and {text.MaxPositionEmbeddings}";
        }
        return ControlNet is null ? null : ControlFault(ControlNet.Config);
    }

    private string? ControlFault(ControlNetConfig control)
    {
        var unet = UNet.Config;
        if (!control.BlockOutChannels.SequenceEqual(unet.BlockOutChannels)
            || control.LayersPerBlock != unet.LayersPerBlock
            || control.InChannels != unet.InChannels || control.CrossAttentionDim != unet.CrossAttentionDim)
            return "the ControlNet was made for another UNet: their channels, layers or text widths differ";
        var reduction = 1 << (control.ConditioningEmbeddingOutChannels.Count - 1);
        return reduction == Autoencoder.Config.Reduction ? null
            : $"the ControlNet shrinks its picture by {reduction}, the autoencoder by {Autoencoder.Config.Reduction}";
    }
}

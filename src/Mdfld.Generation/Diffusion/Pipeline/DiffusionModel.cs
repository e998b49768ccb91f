using System.Text.Json;
using System.Text.Json.Nodes;

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

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Puts a model together and owns its parts.</summary>
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

    public ClipTokenizer Tokenizer { get; }
    public ClipTextEncoder TextEncoder { get; }
    public UNet UNet { get; }
    public Autoencoder Autoencoder { get; }

    /// <summary>How the noise was added when the model was trained, and its usual sampler.</summary>
    public SchedulerConfig Scheduler { get; }

    public ControlNet? ControlNet { get; }

    /// <summary>Reads a model folder.</summary>
    /// <param name="folder">Holds model_index.json.</param>
    /// <param name="type">Type of the weights in memory, whatever the files have.</param>
    /// <param name="controlNet">
    /// Folder of a ControlNet; null takes the subfolder <c>controlnet</c> if there is one.
    /// </param>
    /// <exception cref="InvalidDataException">A part is missing, broken, or does not fit the others.</exception>
    public static DiffusionModel Load(
        string folder, Device? device = null, ScalarType type = ScalarType.Float32, string? controlNet = null)
    {
        SmallFile.ReadJson<JsonObject>(Path.Combine(folder, Index), "the index of a diffusers model folder");
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
            return Directory.Exists(path) ? path : throw new InvalidDataException(
                $"{path}: expected a folder of the model, found none; is it complete?");
        }

        T Own<T>(T part)
            where T : Module
        {
            parts.Add(part);
            return part;
        }
    }

    /// <summary>Writes a model folder, atomically.</summary>
    /// <param name="folder">A new name, an empty folder, or a model folder to replace.</param>
    /// <param name="type">Type of the weights in the files.</param>
    /// <exception cref="IOException">The folder holds something else, or the disk refuses.</exception>
    public void Save(string folder, ScalarType type = ScalarType.Float16)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()
            && !File.Exists(Path.Combine(folder, Index)))
            throw new IOException($"{folder}: is a folder of other things; give a new one for the model");
        using var target = new AtomicFolder(folder);
        string PathOf(string part) => Path.Combine(target.Path, part);
        Tokenizer.Save(PathOf("tokenizer"));
        ModelParts.Write(PathOf("text_encoder"), TextEncoder, TextEncoder.Config, type);
        ModelParts.Write(PathOf("vae"), Autoencoder, Autoencoder.Config, type);
        ModelParts.Write(PathOf("unet"), UNet, UNet.Config, type);
        if (ControlNet is not null)
            ModelParts.Write(PathOf("controlnet"), ControlNet, ControlNet.Config, type);
        var scheduler = Directory.CreateDirectory(PathOf("scheduler")).FullName;
        Scheduler.Write(Path.Combine(scheduler, "scheduler_config.json"));
        AtomicFile.Write(PathOf(Index), WriteIndex);
        target.Publish();
    }

    public void Dispose()
    {
        TextEncoder.Dispose();
        UNet.Dispose();
        Autoencoder.Dispose();
        ControlNet?.Dispose();
    }

    private void WriteIndex(Stream stream)
    {
        var index = new OrderedDictionary<string, object>
        {
            ["_class_name"] = ControlNet is null ? "StableDiffusionPipeline" : "StableDiffusionControlNetPipeline",
        };
        if (ControlNet is not null)
            Add("controlnet", "diffusers", ControlNet.Config.ClassName);
        Add("feature_extractor", null, null);
        Add("safety_checker", null, null);
        Add("scheduler", "diffusers", Scheduler.ClassName);
        Add("text_encoder", "transformers", TextEncoder.Config.Architectures[0]);
        Add("tokenizer", "transformers", "CLIPTokenizer");
        Add("unet", "diffusers", UNet.Config.ClassName);
        Add("vae", "diffusers", Autoencoder.Config.ClassName);
        index["requires_safety_checker"] = false;
        JsonSerializer.Serialize(stream, index, Indented);

        void Add(string part, string? library, string? type) => index[part] = new[] { library, type };
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

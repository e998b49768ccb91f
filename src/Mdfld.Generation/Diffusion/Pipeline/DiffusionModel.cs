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

    public ClipTokenizer Tokenizer { get; private set; }
    public ClipTextEncoder TextEncoder { get; }
    public UNet UNet { get; }
    public Autoencoder Autoencoder { get; }

    /// <summary>How the noise was added when the model was trained, and its usual sampler.</summary>
    public SchedulerConfig Scheduler { get; }

    public ControlNet? ControlNet { get; }

    /// <summary>Divisor of the sides of a picture: pixels that the UNet sees as one.</summary>
    public int Reduction => Autoencoder.Config.Reduction * (UNet.Config.PatchSize ?? 1);

    /// <summary>Reads a model folder, or a Stable Diffusion 1 or 2 in one file.</summary>
    /// <param name="path">A folder that holds model_index.json, or such a file (.safetensors).</param>
    /// <param name="type">Type of the weights in memory, whatever the files have.</param>
    /// <param name="controlNet">
    /// Folder or file of a ControlNet; null takes the subfolder <c>controlnet</c> if there is one.
    /// </param>
    /// <param name="autoencoder">
    /// Folder of an autoencoder of the same latents, such as TAESD's; null takes the subfolder <c>vae</c>.
    /// </param>
    /// <param name="tokenizer">
    /// What one file lacks: a folder with <c>tokenizer/</c> and, for Stable Diffusion 2, <c>scheduler/</c>. Without the
    /// latter noise is predicted, as by Stable Diffusion 1.
    /// </param>
    /// <exception cref="InvalidDataException">A part is missing, broken, or does not fit the others.</exception>
    public static DiffusionModel Load(
        string path, Device? device = null, ScalarType type = ScalarType.Float32, string? controlNet = null,
        string? autoencoder = null, string? tokenizer = null)
    {
        using var file = File.Exists(path) ? SingleFile.OpenModel(path) : null;
        if (file is null)
            SmallFile.ReadJson<JsonObject>(Path.Combine(path, Index), "the index of a diffusers model folder");
        var folder = file is null ? path : tokenizer ?? throw new InvalidDataException(
            $"{path}: one file has no tokenizer: give a folder with tokenizer/vocab.json and merges.txt of CLIP");
        var parts = new List<Module>();
        try
        {
            var words = ClipTokenizer.Load(Part("tokenizer"));
            var scheduler = file is { IsSecond: false } && !Directory.Exists(Path.Combine(folder, "scheduler"))
                ? SchedulerConfig.StableDiffusion(PredictionType.Epsilon)
                : SchedulerConfig.Read(Path.Combine(Part("scheduler"), "scheduler_config.json"));
            var text = Own(file?.ReadTextEncoder(device, type)
                ?? ModelParts.ReadTextEncoder(Part("text_encoder"), device, type));
            var vae = Own(file is not null && autoencoder is null
                ? file.ReadAutoencoder(device, type)
                : ModelParts.ReadAutoencoder(autoencoder ?? Part("vae"), device, type));
            var unet = Own(file?.ReadUNet(device, type) ?? ModelParts.ReadUNet(Part("unet"), device, type));
            var control = controlNet ?? Path.Combine(path, "controlnet");
            return new(
                words, text, unet, vae, scheduler,
                controlNet is not null || Directory.Exists(control)
                    ? Own(ModelParts.ReadControlNet(control, device, type))
                    : null);
        }
        catch (Exception e)
        {
            parts.ForEach(part => part.Dispose());
            if (e is ArgumentException)
                throw new InvalidDataException($"{path}: {e.Message}", e);
            throw;
        }

        string Part(string name)
        {
            var part = Path.Combine(folder, name);
            return Directory.Exists(part) ? part : throw new InvalidDataException(
                $"{part}: expected a folder of the model, found none; is it complete?");
        }

        T Own<T>(T part)
            where T : Module
        {
            parts.Add(part);
            return part;
        }
    }

    /// <summary>
    /// Adds the low-rank changes of a file to the weights of UNet and text encoder: LoRA, under the names of peft,
    /// diffusers or kohya.
    /// </summary>
    /// <param name="path">A .safetensors file, or a checkpoint of torch.</param>
    /// <param name="scale">How much of them; 1 is as they were trained.</param>
    /// <exception cref="InvalidDataException">It is no such file, or of another model; nothing was added.</exception>
    public void MergeLora(string path, double scale = 1) => LoraFile.Merge(path, this, scale);

    /// <summary>
    /// Adds the words of a textual inversion (Gal et al. 2022) to tokenizer and text encoder, for prompts; a saved model
    /// does not hold them. A file of diffusers has a tensor a word, named by it; one of other tools has one
    /// (<c>emb_params</c>, <c>string_to_param</c>), and the file's name is the word.
    /// </summary>
    /// <param name="path">A .safetensors file, or a checkpoint of torch.</param>
    /// <returns>The words.</returns>
    /// <exception cref="InvalidDataException">It is no such file, or of another model; nothing was added.</exception>
    public IReadOnlyList<string> AddWords(string path)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var width = TextEncoder.Config.HiddenSize;
        var (words, all) = (TextualInversion.Read(path, width), new List<Tensor>());
        var (tokenizer, next) = (Tokenizer, TextEncoder.Config.VocabSize);
        if (TextEncoder.Added is { } before)
        {
            all.Add(before);
            next += (int)before.shape[0];
        }
        foreach (var (word, vectors) in words)
        {
            var count = (int)vectors.shape[0];
            tokenizer = tokenizer.With(word, Enumerable.Range(next, count));
            next += count;
            all.Add(vectors.to(TextEncoder.ElementType, TextEncoder.Parameters().First().Tensor.device));
        }
        var added = cat(all, 0).DetachFromDisposeScope();
        TextEncoder.Added?.Dispose();
        (Tokenizer, TextEncoder.Added) = (tokenizer, added);
        return [.. words.Select(w => w.Word)];
    }

    internal static bool IsFolder(string path) => File.Exists(Path.Combine(path, Index));

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
        TextEncoder.Added?.Dispose();
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
        var latent = Autoencoder.Config.LatentChannels;
        if (unet.InChannels != (unet.PhotoCondition ? UNetConfig.WithPhoto(latent) : latent) || unet.OutChannels != latent)
            return $"the UNet takes {unet.InChannels} channels and gives {unet.OutChannels}, the latents have {latent}";
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
            || control.LayersPerBlock != unet.LayersPerBlock || control.PatchSize != unet.PatchSize
            || control.InChannels != unet.InChannels || control.CrossAttentionDim != unet.CrossAttentionDim)
            return "the ControlNet was made for another UNet: their channels, layers or text widths differ";
        var reduction = control.ConditioningReduction;
        return reduction == Reduction ? null
            : $"the ControlNet shrinks its picture by {reduction}, autoencoder and UNet by {Reduction}";
    }
}

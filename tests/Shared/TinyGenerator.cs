using Mdfld.Generation;
using Mdfld.Tests.Training;

namespace Mdfld.Tests.Generation.Training;

/// <summary>Recipes of all stages for a generator so small that a step costs milliseconds.</summary>
internal static class TinyGenerator
{
    /// <summary>Stage autoencoder, taught by a TAESD of that shape and random weights.</summary>
    public static string Autoencoder { get; } = $$"""
        name: tiny-autoencoder
        stage: autoencoder
        seed: 4
        size: 32
        variants: 2
        data: [{ name: faces, repeat: 2 }]
        validation: [{ name: faces }]
        samples: 2
        replicas: 2
        threads: 1
        autoencoder:
          design: { patch: 2, channels: [12], encoder_blocks: [1], decoder_blocks: [1], latent: 5 }
          teacher: {{Teacher}}
          steps: 8
          warm_up: 2
          cool_down: 2
          batch: 4
          average: 0.5
          validate_every: 3
          checkpoint_minutes: 0
          optimiser: { learning_rate: 0.003 }
        """;

    /// <summary>Stage autoencoder, on from a model of that shape: its decoder alone.</summary>
    public static string Decoder(string model) => $"model: {model}\n" + Autoencoder.Replace($"teacher: {Teacher}", "");

    /// <summary>Stage base, in the latents of that teacher.</summary>
    public static string Base { get; } = $"model: {Teacher}\n" + """
        name: tiny-base
        stage: base
        seed: 5
        size: 32
        variants: 2
        data: [{ name: faces, repeat: 2 }]
        validation: [{ name: faces }]
        samples: 2
        prompts_per_style: 2
        replicas: 2
        threads: 1
        design:
          vocabulary: 620
          unet: { channels: [8, 16], attention: [true, false], layers: 1, heads: 2, groups: 4 }
          text: { width: 16, layers: 1, heads: 2 }
        diffusion:
          { steps: 8, warm_up: 2, cool_down: 2, batch: 4, validate_every: 3, checkpoint_minutes: 0, optimiser: { learning_rate: 0.005 } }
        """;

    /// <summary>Stage joint, in the latents of that teacher, its faces beside drawn ones; no features.</summary>
    public static string Joint { get; } = $"model: {Teacher}\n" + """
        name: tiny-joint
        stage: joint
        seed: 8
        size: 32
        variants: 2
        data: [{ name: faces, style: photo, photo: self }, { name: drawn, draw: 3 }]
        validation: [{ name: faces, photo: self }]
        samples: 3
        prompts_per_style: 2
        replicas: 2
        threads: 1
        gamma: 20
        guidance: 2
        control_channels: [8]
        control_patch: 2
        design:
          vocabulary: 620
          unet: { channels: [8, 16], attention: [true, false], layers: 1, heads: 2, groups: 4, photo: true }
          text: { width: 16, layers: 1, heads: 2 }
          prediction: sample
          zero_snr: true
        joint: { control_dropout: 0.2, photo_dropout: 0.5, focus: 3 }
        diffusion:
          { steps: 8, warm_up: 2, cool_down: 2, batch: 4, validate_every: 3, checkpoint_minutes: 0, optimiser: { learning_rate: 0.005 } }
        """;

    /// <summary>Stage 1; <c>model</c> is to be set.</summary>
    public const string Stage1 = """
        name: tiny-1
        stage: "1"
        model: nowhere
        seed: 6
        size: 32
        variants: 2
        data: [{ name: faces }]
        validation: [{ name: faces }]
        samples: 2
        prompts_per_style: 0
        threads: 1
        control_channels: [4, 8]
        diffusion: { steps: 8, batch: 4, accumulate: 2, validate_every: 3, checkpoint_minutes: 0, optimiser: { learning_rate: 0.001 } }
        """;

    /// <summary>Stage 2; <c>model</c> is to be set.</summary>
    public const string Stage2 = """
        name: tiny-2
        stage: "2"
        model: nowhere
        seed: 7
        size: 32
        variants: 2
        data: [{ name: faces, style: oil }, { name: faces, style: manga }]
        samples: 2
        prompts_per_style: 1
        threads: 1
        train: [controlnet, cross-attention]
        lora: { rank: 2, alpha: 4 }
        diffusion: { steps: 8, batch: 4, validate_every: 3, checkpoint_minutes: 0, optimiser: { learning_rate: 0.001 } }
        """;

    private static string Teacher => TestFiles.Taesd("tiny-random");

    /// <summary>A folder <c>faces</c> of six pictures.</summary>
    public static void WriteFaces(string root) => TinyFaces.Write(Path.Combine(root, "faces"), 6);

    /// <summary>Reads a recipe's text, changed.</summary>
    public static GeneratorRecipe Read(string text, params string[] changes)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);
            return RecipeFile.Read<GeneratorRecipe>(file, changes);
        }
        finally
        {
            File.Delete(file);
        }
    }
}

using Mdfld.Diffusion;
using Mdfld.Diffusion.Sampling;

namespace Mdfld.Bench;

/// <summary>
/// The generator that ships; where it does not, one of the same kind with random weights: as fast as that.
/// </summary>
internal static class SmallGenerator
{
    private const int Size = 128;
    private const int TextWidth = 128;

    public static DiffusionModel Load()
    {
        var folder = Repository.File("models", "generator-small");
        return Directory.Exists(folder) ? DiffusionModel.Load(folder) : Random();
    }

    private static DiffusionModel Random()
    {
        var random = new Random(1);
        var tokenizer = ClipTokenizer.Load(Repository.File("tests", "golden", "diffusion", "tiny-sd", "tokenizer"));
        var autoencoder = new Autoencoder(AutoencoderConfig.Of(32, 64, 128, 128) with
        {
            LayersPerBlock = 1,
            NormNumGroups = 16,
            SampleSize = Size,
        });
        var unet = new UNet(new UNetConfig
        {
            SampleSize = Size / autoencoder.Config.Reduction,
            BlockOutChannels = [96, 160, 224],
            DownBlockTypes = ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
            UpBlockTypes = ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
            LayersPerBlock = 1,
            AttentionHeadDim = 4,
            CrossAttentionDim = TextWidth,
        });
        var text = new ClipTextEncoder(new TextEncoderConfig
        {
            VocabSize = tokenizer.VocabularySize,
            HiddenSize = TextWidth,
            IntermediateSize = 4 * TextWidth,
            NumHiddenLayers = 3,
            NumAttentionHeads = 4,
        });
        autoencoder.Initialise(random);
        unet.Initialise(random);
        text.Initialise(random);
        return new(
            tokenizer, text, unet, autoencoder, new SchedulerConfig(), ControlNet.From(unet, random, 16, 32, 96, 256));
    }
}

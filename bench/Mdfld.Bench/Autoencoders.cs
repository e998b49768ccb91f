using System.Diagnostics;
using System.Numerics;
using Mdfld.Generation;

namespace Mdfld.Bench;

/// <summary>
/// What a reduction costs and loses: autoencoders give labelled faces back, a landmark detector looks at what comes,
/// and the small generator's UNet learns from latents of that size.
/// </summary>
internal static class Autoencoders
{
    private const int Size = 128;
    private const float CropFactor = 1.5f;
    private const int Batch = 16;
    private const int Steps = 5;

    public static void Run(string data, string[] folders)
    {
        set_num_threads(Environment.ProcessorCount);
        using var detector = LandmarkDetector.Create();
        var framing = new FaceFraming(Size, CropFactor, 0);
        var set = FaceFolder.Open(data);
        var faces = set.Faces.Select(f => framing.Cut(Picture.Load(set.ImagePath(f)), f, 0, 0)).ToArray();

        Console.WriteLine($"## {faces.Length} faces of {data}, {Size} x {Size}\n");
        Console.WriteLine("| autoencoder | reduction | numbers | pixel error, % | NME, % |\n|---|---|---|---|---|");
        Console.WriteLine(
            $"| none | 1 | {3 * Size * Size} | 0 | {100 * faces.Average(f => Error(f, f.Picture)):0.00} |");
        foreach (var folder in folders)
        {
            using var autoencoder = ModelParts.ReadAutoencoder(folder);
            var made = Array.ConvertAll(faces, f => Through(autoencoder, f.Picture));
            var pixels = faces.Zip(made, (f, m) => Difference(f.Picture, m)).Average();
            var nme = faces.Zip(made, Error).Average();
            var side = Size / autoencoder.Config.Reduction;
            Console.WriteLine(
                $"| {folder} | {autoencoder.Config.Reduction} | {autoencoder.Config.LatentChannels * side * side} "
                + $"| {100 * pixels:0.00} | {100 * nme:0.00} |");
        }
        Console.WriteLine($"\n| reduction | the UNet's training step of {Batch}, s |\n|---|---|");
        foreach (var (reduction, channels) in ((int, int)[])[(8, 8), (4, 4)])
        {
            var seconds = TrainingStep(channels, Size / reduction);
            Console.WriteLine($"| {reduction} | {seconds:0.00} |");
        }
        Console.WriteLine();

        double Error(FaceVariant face, Picture picture) => Metrics.Nme(
            [.. detector.Detect(picture, FaceBox.Around(face.Landmarks)).Points],
            face.Landmarks, LandmarkScheme.Ibug68);
    }

    private static Picture Through(Autoencoder autoencoder, Picture picture)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var moments = autoencoder.Encode(PictureTensors.Signed(picture));
        return PictureTensors.ToImage(autoencoder.Decode(autoencoder.Latent(moments)));
    }

    /// <summary>Mean difference of two pictures' numbers, as a share of their range.</summary>
    private static double Difference(Picture a, Picture b)
    {
        var sum = 0L;
        for (var i = 0; i < a.Data.Length; i++)
            sum += Math.Abs(a.Data[i] - b.Data[i]);
        return sum / 255.0 / a.Data.Length;
    }

    /// <summary>The shipped generator's UNet, made for latents of another size.</summary>
    private static double TrainingStep(int channels, int side)
    {
        using var scope = NewDisposeScope();
        using var model = DiffusionModel.Load(Repository.File("models", "generator-small"));
        using var unet = new UNet(
            model.UNet.Config with { InChannels = channels, OutChannels = channels, SampleSize = side });
        unet.Initialise(new Random(1));
        using var adam = new NamedOptimiser(unet, new OptimiserSettings { LearningRate = 1e-4 });
        var (x, noise) = (randn([Batch, channels, side, side]), randn([Batch, channels, side, side]));
        var states = randn([Batch, model.Tokenizer.Length, model.UNet.Config.CrossAttentionDim]);
        var timesteps = arange(0f, Batch) * 60;
        Step();
        var seconds = new double[Steps];
        for (var i = 0; i < Steps; i++)
        {
            var start = Stopwatch.GetTimestamp();
            Step();
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        return seconds.Order().ElementAt(Steps / 2);

        void Step()
        {
            using var inner = NewDisposeScope();
            var off = unet.Forward(x, timesteps, states) - noise;
            (off * off).mean().backward();
            adam.Step();
        }
    }
}

using System.Numerics;
using Mdfld.Generation;
using Mdfld.Generation.Dataset;

namespace Mdfld.Tests.Generation.Training;

/// <summary>What a generator is shown: cut-out faces, their latents on disk, their prompts.</summary>
public sealed class TrainingDataTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EverySecondVariantIsMirroredWithItsPoints()
    {
        var (picture, face) = Face();
        var framing = new FaceFraming(64, 1.5f, 0);

        var plain = framing.Cut(picture, face, 0, 0);
        var mirrored = framing.Cut(picture, face, 0, 1);

        for (var i = 0; i < 68; i++)
        {
            var twin = plain.Landmarks[LandmarkScheme.Ibug68.MirrorPermutation[i]];
            Assert.Equal(63 - twin.X, mirrored.Landmarks[i].X, 1e-3f);
            Assert.Equal(twin.Y, mirrored.Landmarks[i].Y, 1e-3f);
        }
        for (var x = 0; x < 64; x++)
            Assert.InRange(plain.Picture.Row(20)[3 * x] - mirrored.Picture.Row(20)[3 * (63 - x)], -2, 2);
    }

    [Fact]
    public void ASquareStaysWithinItsPicture()
    {
        var picture = new Picture(80, 60);
        picture.Data.Fill(200);
        var face = LabelledFace.FromLandmarks(
            "f", [.. Enumerable.Range(0, 68).Select(i => new Vector2(i % 20, i / 4f))]);
        var framing = new FaceFraming(32, 3, 0.3f);

        for (var variant = 0; variant < 8; variant++)
            Assert.All(framing.Cut(picture, face, 1, variant).Picture.Data.ToArray(), v => Assert.Equal(200, v));
    }

    [Fact]
    public void LatentsAreMadeOnceAndAgainWhereTheyWereCutShort()
    {
        TinyGenerator.WriteFaces(_folder.Path);
        var faces = GeneratorFaces.Open([new() { Name = "faces" }], [_folder.Path], StyleBook.Default());
        using var autoencoder = new AutoencoderKL(
            AutoencoderKLConfig.Of(4, 8) with { NormNumGroups = 2, LayersPerBlock = 1 });
        autoencoder.Initialise(new Random(1));
        var cache = _folder["cache"];
        var first = Filled(faces, autoencoder, cache).Read(faces[2], 1);
        var files = Directory.GetFiles(cache, "*", SearchOption.AllDirectories);
        Assert.Equal(6, files.Length);
        var times = files.Select(File.GetLastWriteTimeUtc).ToArray();

        Filled(faces, autoencoder, cache);
        Assert.Equal(times, files.Select(File.GetLastWriteTimeUtc));
        foreach (var file in files)
            File.WriteAllBytes(file, new byte[10]);
        var again = Filled(faces, autoencoder, cache).Read(faces[2], 1);

        Assert.Equal(first.Mean, again.Mean);
        Assert.Equal(first.LogVariance, again.LogVariance);
        var cut = new FaceFraming(32, 1.5f, 0.1f).Cut(Picture.Load(faces[2].Picture), faces[2].Face, 2, 1);
        Assert.Equal(cut.Landmarks, again.Landmarks);
        using var scope = NewDisposeScope();
        var moments = autoencoder.Encode(PictureTensors.Signed(cut.Picture));
        Assert.All(moments.Mean.ToArray<float>().Zip(again.Mean), p => Assert.Equal(p.First, p.Second, 1e-5f));
    }

    [Fact]
    public void AnotherEncoderHasOtherLatents()
    {
        TinyGenerator.WriteFaces(_folder.Path);
        var faces = GeneratorFaces.Open([new() { Name = "faces" }], [_folder.Path], StyleBook.Default());
        using var autoencoder = new AutoencoderKL(
            AutoencoderKLConfig.Of(4, 8) with { NormNumGroups = 2, LayersPerBlock = 1 });
        autoencoder.Initialise(new Random(1));
        var first = Filled(faces, autoencoder, _folder["cache"]).Read(faces[0], 0);
        autoencoder.Initialise(new Random(2));

        Assert.NotEqual(first.Mean, Filled(faces, autoencoder, _folder["cache"]).Read(faces[0], 0).Mean);
    }

    [Fact]
    public void PromptsNameTheStyleAndStayTheSame()
    {
        var book = StyleBook.Default();
        var oil = book.Styles.Single(s => s.Id == "oil");
        var a = new PromptTable(book, [oil, book.Styles[0]], 5, seed: 3);
        var b = new PromptTable(book, [oil, book.Styles[0]], 5, seed: 3);

        Assert.Equal(a.Prompts, b.Prompts);
        Assert.Equal("", a.Prompts[0]);
        Assert.Equal(oil.Caption, a.Prompts[a.Caption(oil)]);
        var random = new Random(1);
        var drawn = Enumerable.Range(0, 200).Select(_ => a.Draw(oil, random)).ToArray();
        Assert.InRange(drawn.Count(d => d == a.Caption(oil)), 60, 140);
        Assert.DoesNotContain(0, drawn);
        Assert.DoesNotContain(a.Caption(book.Styles[0]), drawn);
    }

    [Fact]
    public void ALowRankChangeMergedSaysWhatItSaidBeside()
    {
        using var scope = NewDisposeScope();
        using var unet = ModelParts.ReadUNet(DiffusionGolden.Tiny("unet"));
        manual_seed(1);
        var (sample, text) = (randn([1, 4, 8, 8]), randn([1, 5, 32]));
        float[] Predict() => unet.Forward(sample, full([1], 500f), text).ToArray<float>();
        var plain = Predict();
        var changes = new LowRankChanges(unet, rank: 2, alpha: 3);
        changes.Initialise(new Random(2));
        Assert.Equal(plain, Predict());
        foreach (var (_, b) in changes.Parameters().Where(p => p.Name.Contains("lora_B", StringComparison.Ordinal)))
            b.Overwrite<float>([.. Enumerable.Range(0, (int)b.NumberOfElements).Select(i => ((i % 5) - 2) / 10f)]);
        var beside = Predict();

        changes.Merge();

        Assert.Null(unet.Changes);
        Assert.True(plain.Zip(beside).Max(p => Math.Abs(p.First - p.Second)) > 1e-2);
        Assert.All(beside.Zip(Predict()), p => Assert.Equal(p.First, p.Second, 1e-4f));
    }

    [Fact]
    public void AnAutoencodersLossIsZeroForWhatComesBackWhole()
    {
        using var scope = NewDisposeScope();
        var picture = Tensor.From<float>([.. Enumerable.Range(0, 3 * 64).Select(i => (float)Math.Sin(i))], 1, 3, 8, 8);

        Assert.Equal(0, AutoencoderTask.PictureError(picture, picture, 1).ToDouble(), 1e-7);
        // A constant error has no edges: its absolute value is all.
        Assert.Equal(0.25, AutoencoderTask.PictureError(picture + 0.25, picture, 1).ToDouble(), 1e-6);
        // Columns that alternate by 0.5 differ by 1 at full size, and not at all at half.
        var stripes = arange(8).remainder(2) - 0.5;
        Assert.Equal(0.5 + (3 * 1.0 / 3), AutoencoderTask.PictureError(picture + stripes, picture, 3).ToDouble(), 1e-5);
        // Edges as strong at other places are no error of texture, none at all are.
        var grain = (arange(48f).reshape(1, 1, 1, 48) + arange(48f).reshape(1, 1, 48, 1)).remainder(2).expand(1, 3, 48, 48);
        Assert.Equal(0, AutoencoderTask.TextureError(1 - grain, grain).ToDouble(), 1e-6);
        // Half as strong: first differences, two ways, are off by 0.5, second ones, three ways, by 1.
        Assert.Equal(4, AutoencoderTask.TextureError(grain * 0.5, grain).ToDouble(), 1e-2);
        // Stripes of one pixel have the differences of neighbours of stronger ones of two, and are another texture.
        var columns = arange(48f).reshape(1, 1, 1, 48).expand(1, 3, 48, 48);
        var (wide, narrow) = (columns.remainder(4).ge(2).to(ScalarType.Float32), columns.remainder(2) * Math.Sqrt(0.5));
        Assert.InRange(AutoencoderTask.TextureError(narrow, wide).ToDouble(), 1, 5);
        // Of red at half its strength, |Cb| is off by 0.084 and |Cr| by 0.25: two channels' mean.
        var red = Tensor.From<float>([1, 0, 0], 1, 3, 1, 1).expand(1, 3, 16, 16);
        Assert.Equal((0.084 + 0.25) / 2, AutoencoderTask.TextureError(red * 0.5, red).ToDouble(), 5e-3);
    }

    private static LatentStore Filled(GeneratorFace[] faces, Autoencoder autoencoder, string cache)
    {
        var store = new LatentStore(new ContentCache(cache), new FaceFraming(32, 1.5f, 0.1f), 2, autoencoder);
        store.Fill(faces, autoencoder, CPU, (0, 1), (_, _) => { }, CancellationToken.None);
        return store;
    }

    private static (Picture, LabelledFace) Face()
    {
        var picture = new Picture(200, 200);
        for (var y = 0; y < 200; y++)
        {
            for (var x = 0; x < 200; x++)
                picture.Row(y).Slice(3 * x, 3).Fill((byte)(x + (y / 4)));
        }
        var random = new Random(3);
        Vector2 Draw() => new(60 + (60 * random.NextSingle()), 60 + (60 * random.NextSingle()));
        return (picture, LabelledFace.FromLandmarks("f", [.. Enumerable.Range(0, 68).Select(_ => Draw())]));
    }
}

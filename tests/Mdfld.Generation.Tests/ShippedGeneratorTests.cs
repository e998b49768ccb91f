using Mdfld.Generation;
using Mdfld.Generation.Dataset;

namespace Mdfld.Tests.Generation;

/// <summary>
/// What <c>models/generator-small</c> is there for, in a few faces; its card has the figures of many.
/// </summary>
public sealed class ShippedGeneratorTests
{
    private const int Side = 256;
    private const int Faces = 6;
    private const long MostBytes = 32_000_000;

    private static readonly string Folder = Path.Combine(TestFiles.RepositoryRoot, "models", "generator-small");

    [Fact]
    public void ItIsSmall() => Assert.InRange(
        Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length),
        1_000_000, MostBytes);

    [Fact]
    public void EveryPromptOfEveryStyleFits()
    {
        var tokenizer = ClipTokenizer.Load(Path.Combine(Folder, "tokenizer"));
        var (book, random) = (StyleBook.Default(), new Random(1));
        foreach (var style in book.Styles)
        {
            Assert.Single(tokenizer.EncodeChunks(style.Caption));
            Assert.Single(tokenizer.EncodeChunks(style.Negative));
            for (var i = 0; i < 200; i++)
                Assert.Single(tokenizer.EncodeChunks(book.Prompt(style, random)));
        }
    }

    /// <summary>Faces lie where their landmarks want them, and do so because of the control image.</summary>
    [Fact]
    public void FacesObeyTheirLandmarks()
    {
        using var model = DiffusionModel.Load(Folder);
        using var detector = LandmarkDetector.Create();
        var pipeline = new DiffusionPipeline(model);
        var book = StyleBook.Default();
        var variation = new LandmarkVariation(LandmarkPool.Drawn(), Side);
        var style = book.Styles[0];
        var (led, free) = (0.0, 0.0);
        for (var i = 0; i < Faces; i++)
        {
            var landmarks = variation.Draw(style, new Random(i)).Landmarks;
            led += Error(1);
            free += Error(0);

            double Error(double scale)
            {
                var picture = pipeline.Generate(new PipelineRequest
                {
                    Prompt = style.Caption,
                    Control = ControlImage.Draw(landmarks, Side, Side, pipeline.Colours),
                    ControlScale = scale,
                    Steps = 12,
                    Seed = (ulong)i,
                });
                var found = detector.Detect(picture, FaceBox.Around(landmarks));
                return Metrics.Nme([.. found.Points], landmarks, LandmarkScheme.Ibug68) / Faces;
            }
        }
        Assert.True(led < 0.12, $"mean NME {led:0.000} with the landmarks' control image");
        Assert.True(free > 1.5 * led, $"mean NME {led:0.000} with the control image, {free:0.000} without");
    }
}

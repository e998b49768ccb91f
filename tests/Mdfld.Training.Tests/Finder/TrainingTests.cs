using Mdfld.Tests.Training;
using Mdfld.Training;
using Mdfld.Training.Weights;
using TorchSharp;

namespace Mdfld.Tests.Finder;

[Collection(nameof(Alone))]
public sealed class TrainingTests : IDisposable
{
    private readonly TinyRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public void AStoppedRunResumesToTheSameBytesAndBecomesAModel()
    {
        var unbroken = Trainer("unbroken");
        Assert.True(unbroken.Run(resume: false));

        using var stop = new CancellationTokenSource();
        Assert.False(Trainer("broken").Run(resume: false, r => { if (r.Step >= 2) stop.Cancel(); }, stop.Token));
        var validation = new List<string>();
        Assert.True(Trainer("broken").Run(
            resume: true, r => validation.AddRange(r.Validation?.Select(v => v.Name) ?? []), default));

        Assert.Equal(File.ReadAllBytes(unbroken.LastCheckpoint), File.ReadAllBytes(Trainer("broken").LastCheckpoint));
        Assert.Equal(["missed faces", "false"], validation);

        DetectorExport.Save(unbroken.LastCheckpoint, At("finder.onnx"));
        using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(At("finder.onnx"));
        var properties = session.ModelMetadata.CustomMetadataMap;
        Assert.Equal("1", properties["mdfld.finder"]);
        Assert.Equal("tiny-finder", properties["mdfld.name"]);
        Assert.Equal("11", properties["mdfld.min_face"]);
        Assert.InRange(new FileInfo(At("finder.onnx")).Length, 1_500_000, 2_000_000);

        // The weights alone, half as exact, make the same kind of model, and begin another run.
        DetectorExport.Save(unbroken.LastCheckpoint, At("weights.safetensors"));
        DetectorExport.Save(At("weights.safetensors"), At("again.onnx"));
        Assert.Equal(new FileInfo(At("finder.onnx")).Length, new FileInfo(At("again.onnx")).Length);
        Assert.InRange(new FileInfo(At("weights.safetensors")).Length, 700_000, 1_000_000);
        DetectorExport.Save(At("weights.safetensors"), At("same.safetensors"));
        Assert.Equal(File.ReadAllBytes(At("weights.safetensors")), File.ReadAllBytes(At("same.safetensors")));
        AssertRounded(unbroken.LastCheckpoint, At("weights.safetensors"));
        var next = RecipeFile.Read<FinderRecipe>(At("finder.yaml"), [$"start={At("weights.safetensors")}", "phases.0.steps=1"]);
        Assert.True(new Trainer(next, new FinderJob(next, [_runs.Root]), At("next")).Run(resume: false));
    }

    private static void AssertRounded(string whole, string weights)
    {
        using var scope = torch.NewDisposeScope();
        using var exact = Checkpoint.Load(whole);
        using var rounded = Checkpoint.Load(weights);
        var tensors = rounded.StateDict("net_ema");
        Assert.Contains(tensors.Values, t => t.Type == torch.ScalarType.Float16);
        foreach (var (name, tensor) in exact.StateDict("net_ema"))
        {
            var (one, other) = (tensor.ToTensor().to(torch.ScalarType.Float32), tensors[name].ToTensor().to(torch.ScalarType.Float32));
            // Ten bits after the first.
            Assert.True(torch.allclose(one, other, rtol: 1 / 1024.0, atol: 1e-7), name);
        }
    }

    [Fact]
    public void AFolderOfScenesIsTheSameForEverySeedAndHasFacesOnlyWhereItSays()
    {
        var recipe = RecipeFile.Read<FinderRecipe>(At("finder.yaml"));
        foreach (var name in (string[])["one", "same"])
            SceneFolder.Write(recipe, [_runs.Root], At(name), count: 4, seed: 2);
        SceneFolder.Write(recipe, [_runs.Root], At("other"), count: 4, seed: 3);

        Assert.Equal(Bytes("one"), Bytes("same"));
        Assert.NotEqual(Bytes("one"), Bytes("other"));
        var written = FacePictures.Open(At("one"));
        Assert.Equal(8, written.Count);
        foreach (var picture in written)
        {
            if (Path.GetFileName(picture.Path).StartsWith("empty", StringComparison.Ordinal))
                Assert.Empty(picture.Faces);
            Assert.All(picture.Faces, f => Assert.True(new SceneFace(f, null).Visible(320, 320) > 0.49f));
        }
        Assert.Contains(written, p => p.Faces.Count > 0);

        byte[][] Bytes(string name) =>
        [
            .. Directory.GetFiles(At(name), "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
        ];
    }

    [Fact]
    public void FacesOfAFixedPlaceAreComposedWithThatBox()
    {
        Directory.CreateDirectory(At("boxed/images"));
        for (var n = 0; n < 3; n++)
            new Picture(96, 96).Save(At($"boxed/images/{n}.png"));
        var recipe = RecipeFile.Read<FinderRecipe>(At("finder.yaml"), ["scenes.boxed.name=boxed", "scenes.boxed.share=1",
            "scenes.boxed.left=0.25", "scenes.boxed.top=0.25", "scenes.boxed.width=0.5", "scenes.boxed.height=0.4"]);

        // Of three the first is held out.
        var faces = BoxedFace.Load(At("boxed"), recipe.Scenes.Boxed!, recipe.Scenes.HoldOut, null, default);
        Assert.Equal(2, faces.Length);
        Assert.Equal(new FaceBox(24, 24, 48, 38.4f), faces[0].Box);
        Assert.Equal(23, faces[0].Draw(mirrored: true).Face.Box.Left, 1e-4f);
        Assert.True(new Trainer(recipe, new FinderJob(recipe, [_runs.Root]), At("run")).Run(resume: false));
    }

    [Fact]
    public void NothingIsLearntFromPicturesToValidateOn()
    {
        var changes = new[] { "scenes.pictures.0=pictures-val" };
        var error = Assert.Throws<InvalidDataException>(
            () => RecipeFile.Read<FinderRecipe>(At("finder.yaml"), changes));
        Assert.Contains("pictures-val", error.Message);
    }

    private Trainer Trainer(string name)
    {
        var recipe = RecipeFile.Read<FinderRecipe>(At("finder.yaml"));
        return new Trainer(recipe, new FinderJob(recipe, [_runs.Root]), At(name));
    }

    private string At(string name) => _runs.At(name);
}

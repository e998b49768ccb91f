using Mdfld.Training;

namespace Mdfld.Tests.Training;

/// <summary>A trained network has its say in the labels of the next one.</summary>
[Collection(nameof(Alone))]
public sealed class CompactTeacherTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _teacher;

    public CompactTeacherTests()
    {
        TinyFaces.Write(_folder["faces"], 5);
        _teacher = Train(Recipe(TinyFaces.Recipe(steps: 2)), "teacher");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void LabelsMoveByItsShareAndNotFartherThanItIsTrusted()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var images = randn([4, 3, 64, 64]);
        using var network = CompactCheckpoint.Load(_teacher);
        network.Eval();
        var found = MirrorPairs.Agreed(network.Forward(images), LandmarkScheme.Ibug68);

        AssertMoves(found + 0.02, share: 0.5, by: -0.01f);
        AssertMoves(found + 0.02, share: 0, by: 0);
        AssertMoves(found - 0.02, share: 1, by: 0.02f);
        AssertMoves(found + 0.5, share: 1, by: -0.06f);

        void AssertMoves(Tensor labels, double share, float by)
        {
            using var teacher = new CompactTeacher(new() { From = _teacher, Share = share }, LandmarkScheme.Ibug68);
            Assert.All(
                (teacher.Correct(images, labels) - labels).ToArray<float>(),
                d => Assert.InRange(d, by - 1e-5f, by + 1e-5f));
        }
    }

    [Fact]
    public void ATaughtRunStopsAndResumesLikeAnyOther()
    {
        var taught = Recipe(TinyFaces.Recipe()) with { Teacher = new() { From = _teacher } };
        var unbroken = File.ReadAllBytes(Train(taught, "unbroken"));
        Assert.NotEqual(
            unbroken,
            File.ReadAllBytes(Train(taught with { Teacher = new() { From = _teacher, Share = 1 } }, "other")));

        using var stop = new CancellationTokenSource();
        var broken = new Trainer(taught, new DetectorJob(taught, [_folder.Path]), _folder["broken"]);
        broken.Run(resume: false, r => { if (r.Step >= taught.Steps / 2) stop.Cancel(); }, stop.Token);
        Assert.True(
            new Trainer(taught, new DetectorJob(taught, [_folder.Path]), _folder["broken"]).Run(resume: true));

        Assert.Equal(unbroken, File.ReadAllBytes(broken.LastCheckpoint));
    }

    [Fact]
    public void WhatCannotTeachIsAnError()
    {
        var scheme = LandmarkScheme.Cofw29;
        var other = Assert.Throws<InvalidDataException>(() => new CompactTeacher(new() { From = _teacher }, scheme));
        Assert.Contains("68 points", other.Message);
        Assert.Contains("29", other.Message);

        File.WriteAllText(_folder["broken.safetensors"], "no weights");
        Assert.Throws<InvalidDataException>(
            () => new CompactTeacher(new() { From = _folder["broken.safetensors"] }, LandmarkScheme.Ibug68));
    }

    [Fact]
    public void PairsAreNotTornApart()
    {
        var yaml = TinyFaces.Recipe() + "\nteacher: { from: some.safetensors }\n";
        Assert.Equal(2, Recipe(yaml).Views);

        Assert.Contains("odd", Assert.Throws<InvalidDataException>(
            () => Recipe(yaml, "batch=6", "replicas=2")).Message);
        Assert.Contains("compact", Assert.Throws<InvalidDataException>(
            () => Recipe(yaml, "network=star", "phases.0.size=256", "phases.1.size=256")).Message);
    }

    private string Train(DetectorRecipe recipe, string name)
    {
        var trainer = new Trainer(recipe, new DetectorJob(recipe, [_folder.Path]), _folder[name]);
        Assert.True(trainer.Run(resume: false));
        return trainer.LastCheckpoint;
    }

    private DetectorRecipe Recipe(string yaml, params string[] changes)
    {
        File.WriteAllText(_folder["recipe.yaml"], yaml);
        return RecipeFile.Read<DetectorRecipe>(_folder["recipe.yaml"], changes);
    }
}

using Mdfld.Training;

namespace Mdfld.Tests.Training;

public sealed class RecipeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ChangesReachNestedKeys()
    {
        var recipe = Read(
            TinyFaces.Recipe(), "phases.1.steps=200", "optimiser.clip=3", "data.0.repeat=7",
            "augmentation.strength=0.5");

        Assert.Equal(206, recipe.Steps);
        Assert.Equal(3, recipe.Optimiser.Clip);
        Assert.Equal(7, recipe.Data[0].Repeat);
        Assert.Equal(0.5f, recipe.Augmentation.Strength);
    }

    [Fact]
    public void AChangeMayBeAList()
    {
        Assert.Equal(["one-val", "b c"], Read(TinyFaces.Recipe(), "validation=[one-val, 'b c']").Validation);
        Assert.Empty(Read(TinyFaces.Recipe(), "validation=[]").Validation);
        Assert.Contains(
            "validation=[one", Assert.Throws<InvalidDataException>(() => Read(TinyFaces.Recipe(), "validation=[one")).Message);
        Assert.Throws<InvalidDataException>(
            () => Read(TinyFaces.Recipe(), $"validation={new string('[', 100_000)}"));
    }

    [Fact]
    public void AChangeTakesAGroupAway()
    {
        var path = Path.Combine(TestFiles.RepositoryRoot, "recipes", "finder.yaml");
        Assert.NotNull(RecipeFile.Read<FinderRecipe>(path).Scenes.Boxed);
        Assert.Null(RecipeFile.Read<FinderRecipe>(path, ["scenes.boxed=null"]).Scenes.Boxed);
    }

    [Fact]
    public void AChangeTakesAValueAway() =>
        Assert.Null(Read($"{TinyFaces.Recipe()}\nstart: some.safetensors\n", "start=null").Start);

    [Theory]
    [InlineData("learning_rat: 3", "'learning_rat' is no key of the recipe; it has ")]
    [InlineData("stack: 3", "'stack' is no key of the recipe; is it 'stacks'?")]
    [InlineData("optimiser: { learning_rat: 3 }", "is it 'learning_rate'?")]
    [InlineData("optimiser: { kind: adamm }", "expected one of adam, adam_w, sgd")]
    [InlineData("width: .nan", "expected a number")]
    [InlineData("width: 1e999", "expected a number")]
    [InlineData("batch: 99999999999999999999", "expected a whole number")]
    [InlineData("phases: [{ size: 64 }]", "needs 'steps'")]
    [InlineData("loss: *everything", "alias")]
    [InlineData("name:", "'name' has no value")]
    [InlineData("data: [{ name: ~ }]", "'name' has no value")]
    [InlineData("validation: [~]", "'validation.0' has no value")]
    [InlineData("batch: many", "expected a whole number")]
    [InlineData("batch: 5", "batch of 5")]
    [InlineData("validate_every: 0", "validate_every")]
    [InlineData("width: 9", "width of 9")]
    [InlineData("star: { stem_channels: 0 }", "0 of the stem")]
    [InlineData("star: { stacks: 9 }", "9 stacks")]
    [InlineData("phases:", "expected")]
    [InlineData("loss:", "expected")]
    [InlineData("data: [{ name: faces, label_shift: 2 }]", "label_shift of 2")]
    [InlineData("data: [{ name: faces, draw: -1 }]", "-1 faces to draw")]
    [InlineData("data: [{ name: drawn, draw: 10 }]", "only drawn faces")]
    [InlineData("data: [{ name: faces, plain_probability: 1.5 }]", "plain_probability of 1.5")]
    public void WhatARecipeDoesNotKnowIsAnError(string line, string said)
    {
        var key = line[..(line.IndexOf(':') + 1)];
        bool IsReplaced(string l) => l.StartsWith(key, StringComparison.Ordinal)
            || (key == "phases:" && l.StartsWith("  -", StringComparison.Ordinal));
        var lines = TinyFaces.Recipe().Split('\n').Where(l => !IsReplaced(l));
        var yaml = $"{string.Join('\n', lines)}\n{line}\n";

        Assert.Contains(said, Assert.Throws<InvalidDataException>(() => Read(yaml)).Message);
    }

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    public void DeepNestingIsRefusedInOneLine(char bracket)
    {
        var error = Assert.Throws<InvalidDataException>(() => Read($"phases: {new string(bracket, 100_000)}"));
        Assert.DoesNotContain('\n', error.Message);
        Assert.InRange(error.Message.Length, 1, 300);
    }

    [Fact]
    public void NothingIsTrainedOnValidationData()
    {
        var error = Assert.Throws<InvalidDataException>(
            () => Read(TinyFaces.Recipe().Replace("name: faces", "name: real-val")));
        Assert.Contains("real-val", error.Message);
    }

    [Fact]
    public void AChangeOfNothingIsRefused() =>
        Assert.Throws<ArgumentException>(() => Read(TinyFaces.Recipe(), "phases.9.steps=1"));

    [Fact]
    public void EveryRecipeOfTheRepositoryReads()
    {
        // Those of generators have a form, and a test, of their own.
        var recipes = Directory.GetFiles(Path.Combine(TestFiles.RepositoryRoot, "recipes"), "*.yaml")
            .Where(r => !Path.GetFileName(r).StartsWith("generator-", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(recipes);
        foreach (var recipe in recipes)
            Assert.True(FaceRecipes.Read(recipe).Steps > 0);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(5, 0, 5 / 6.0)]
    [InlineData(6, 1, 0)]
    [InlineData(99, 1, 1)]
    public void StepsFallIntoPhases(long step, int phase, double progress)
    {
        var recipe = Read(TinyFaces.Recipe());
        Assert.Equal((recipe.Phases[phase], progress), recipe.At(step));
    }

    private DetectorRecipe Read(string yaml, params string[] changes)
    {
        var path = Path.Combine(_folder.Path, "recipe.yaml");
        File.WriteAllText(path, yaml);
        return RecipeFile.Read<DetectorRecipe>(path, changes);
    }
}

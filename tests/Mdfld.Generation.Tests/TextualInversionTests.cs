using Mdfld.Generation;
using Mdfld.Training.Weights;

namespace Mdfld.Tests.Generation;

/// <summary>Words that a file adds, and prompts of several chunks.</summary>
public sealed class TextualInversionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DiffusionModel _model = DiffusionModel.Load(DiffusionGolden.Tiny());

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    /// <summary>What its vectors are taken from says the same.</summary>
    [Theory]
    [InlineData("mine.safetensors", "emb_params", "mine")]
    [InlineData("file.safetensors", "<my-style>", "<my-style>")]
    public void AWordOfTwoKnownTokensReadsAsThose(string file, string key, string word)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Write(file, key, Rows("blue eyes"));
        var expected = States("a face, blue eyes, smiling");
        var plain = States("a face");

        Assert.Equal([word], _model.AddWords(_folder[file]));

        Assert.Equal(expected, States($"a face, {word}, smiling"));
        Assert.Equal(plain, States("a face"));
        // Another one does not move it.
        Write("more.safetensors", "<more>", Rows("grey"));
        _model.AddWords(_folder["more.safetensors"]);
        Assert.Equal(expected, States($"a face, {word}, smiling"));
        Assert.Equal(States("a grey face"), States("a <more> face"));
    }

    [Fact]
    public void AFileOfAnotherModelIsRefused()
    {
        using var scope = NewDisposeScope();
        Write("wide.safetensors", "emb_params", zeros(2, 768));
        Write("two.safetensors", "two words", zeros(32));
        Write("many.safetensors", "<many>", zeros(1025, 32));

        foreach (var name in (string[])["wide", "two", "many"])
        {
            var error = Assert.Throws<InvalidDataException>(() => _model.AddWords(_folder[$"{name}.safetensors"]));
            Assert.Contains("vectors of 32 numbers", error.Message);
            Assert.Null(_model.TextEncoder.Added);
        }
    }

    [Fact]
    public void ALongPromptIsReadInChunks()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var tokens = _model.Tokenizer.Tokens("a face ").Count;
        var part = string.Concat(Enumerable.Repeat("a face ", 75 / tokens)) + string.Concat(Enumerable.Repeat("a ", 75 % tokens));
        Assert.Equal(75, _model.Tokenizer.Tokens(part).Count);
        var pipeline = new DiffusionPipeline(_model);

        var text = pipeline.TextOf(new() { Prompt = part + "smiling", NegativePrompt = "blurred", GuidanceScale = 2 });

        Assert.Equal([2, 2 * 77, 32], text.shape);
        Assert.Equal(
            (string[])["blurred", "", part, "smiling"],
            ((string[])["blurred", "", part, "smiling"]).Where((p, i) =>
                States(p).SequenceEqual(text[i / 2].slice(0, 77 * (i % 2), 77 * ((i % 2) + 1), 1).ToArray<float>())));
    }

    private float[] States(string prompt) =>
        new DiffusionPipeline(_model).TextOf(new() { Prompt = prompt, GuidanceScale = 1 }).ToArray<float>();

    /// <summary>The embeddings of a text's tokens.</summary>
    private Tensor Rows(string text) => _model.TextEncoder.StateDict()
        .Single(t => t.Name == "text_model.embeddings.token_embedding.weight").Tensor
        .index_select(0, tensor(_model.Tokenizer.Tokens(text).Select(id => (long)id).ToArray()));

    private void Write(string file, string key, Tensor vectors) => SafeTensors.Write(
        _folder[file], [(key, vectors)], new Dictionary<string, string>(), ScalarType.Float32);
}

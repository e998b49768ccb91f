using Mdfld.Generation;

namespace Mdfld.Tests.Generation;

public sealed class BpeTrainerTests
{
    private static readonly string[] Prompts =
        ["a portrait of a man, oil painting", "a portrait of a woman, oil painting", "an anime portrait of a man"];

    [Fact]
    public void Words_of_the_prompts_become_one_token_each()
    {
        var tokenizer = BpeTrainer.Train(Prompts, 2000);
        Assert.Equal(
            ["a", "portrait", "of", "a", "man", ",", "oil", "painting"], Words("a portrait of a man, oil painting"));
        // 12 words of the prompts; a syllable takes a token of its own on the way.
        Assert.InRange(tokenizer.VocabularySize, 514 + 10, 700);

        IEnumerable<string> Words(string prompt) => tokenizer.Tokens(prompt)
            .Select(id => tokenizer.Vocabulary.Single(entry => entry.Value == id).Key
                .Replace("</w>", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Any_text_has_tokens_and_ids_run_from_zero()
    {
        var tokenizer = BpeTrainer.Train(Prompts, 530);
        Assert.Equal(530, tokenizer.VocabularySize);
        Assert.Equal(Enumerable.Range(0, 530), tokenizer.Vocabulary.Values.Order());
        Assert.Equal("漫".Length * 3, tokenizer.Tokens("漫").Count);
        Assert.Equal(528, tokenizer.Encode("")[0]);
        Assert.Equal(529, tokenizer.Encode("")[1]);
    }

    [Fact]
    public void The_most_frequent_pair_comes_first_and_the_order_of_prompts_does_not_matter()
    {
        var tokenizer = BpeTrainer.Train(["ba ba ba", "da", "zzz"], 516);
        Assert.Equal([("b", "a</w>"), ("d", "a</w>")], tokenizer.Merges);
        Assert.Equal(BpeTrainer.Train(Prompts, 600).Merges, BpeTrainer.Train(Prompts.Reverse(), 600).Merges);
    }

    [Fact]
    public void It_survives_its_folder()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = BpeTrainer.Train(Prompts, 600, length: 32);
        tokenizer.Save(folder.Path);
        Assert.Equal(
            tokenizer.Encode("a portrait of a cat"), ClipTokenizer.Load(folder.Path).Encode("a portrait of a cat"));
    }

    [Fact]
    public void Fewer_tokens_than_bytes_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BpeTrainer.Train(Prompts, 513));
}

using System.Text.Json;
using Mdfld.Generation;

namespace Mdfld.Tests.Generation;

public sealed class TokenizerTests
{
    private static readonly ClipTokenizer Real = ClipTokenizer.Load(TestFiles.Diffusion("tokenizer"));
    private static readonly ClipTokenizer Tiny = ClipTokenizer.Load(DiffusionGolden.Tiny("tokenizer"));

    private static readonly JsonElement[] Prompts =
    [
        .. JsonDocument.Parse(File.ReadAllText(TestFiles.Diffusion("golden_tokenizer.json")))
            .RootElement.GetProperty("prompts").EnumerateArray(),
    ];

    public static TheoryData<int> Numbers() => [.. Enumerable.Range(0, Prompts.Length)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Ids_are_those_of_CLIP(int number)
    {
        var prompt = Prompts[number];
        var text = prompt.GetProperty("text").GetString()!;
        Assert.Equal(Ids("ids"), Real.Encode(text));
        Assert.Equal(prompt.GetProperty("tokens_before_truncation").GetInt32(), Real.Tokens(text).Count);
        Assert.Equal(Ids("tiny_ids"), Tiny.Encode(text));

        int[] Ids(string name) => [.. prompt.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
    }

    [Fact]
    public void There_are_85_golden_prompts() => Assert.Equal(85, Prompts.Length);

    [Theory]
    [InlineData("한글", "\u1112\u1161\u11ab\u1100\u1173\u11af")]
    [InlineData("ガギ", "ｶﾞｷﾞ")]
    [InlineData("ộ", "o\u0323\u0302")]
    [InlineData("ij fi st", "ĳ ﬁ ﬆ")]
    [InlineData("a & b", "a &amp;amp; b")]
    [InlineData("x ©y", "x &COPYy")]
    [InlineData("red", "\u001b[31mred\u001b[0m")]
    public void Text_is_cleaned(string expected, string prompt) => Assert.Equal(expected, PromptText.Clean(prompt));

    [Fact]
    public void Long_prompts_are_cut_or_go_on_in_chunks()
    {
        var fits = string.Join(' ', Enumerable.Repeat("face", 75));
        Assert.Equal(Real.Encode(fits), Real.Encode(fits + " a cat"));
        Assert.Equal([Real.Encode(fits)], Real.EncodeChunks(fits));
        Assert.Equal([Real.Encode(fits), Real.Encode("a cat")], Real.EncodeChunks(fits + " a cat"));
        Assert.Equal([Real.Encode("")], Real.EncodeChunks(""));
        var error = Assert.Throws<ArgumentException>(() => Real.EncodeChunks(string.Concat(Enumerable.Repeat("face ", 2401))));
        Assert.Contains("2401 tokens, at most 2400", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a <Mine>, a cat", "a", 60000, 60001, ", a cat")]
    [InlineData("a<mine>cat", "a", 60000, 60001, "cat")]
    [InlineData("a cat", "a cat", -1, -1, "")]
    [InlineData("category kitty kit", "category kitty", 70000, -1, "")]
    public void Added_words_are_their_ids(string prompt, string before, int first, int second, string after)
    {
        var tokenizer = Real.With("<mine>", [60000, 60001]).With("kit", [70000]).With("cat", [5]).With("<MINE>", [60000, 60001]);
        tokenizer = prompt == "a cat" ? Real : tokenizer.With("cat", Real.Tokens("cat"));

        Assert.Equal(
            [.. Real.Tokens(before), .. new[] { first, second }.Where(id => id >= 0), .. Real.Tokens(after)],
            tokenizer.Tokens(prompt));
        Assert.Throws<ArgumentException>(() => Real.With("two words", [1]));
    }

    [Fact]
    public void Padding_is_what_the_folder_says()
    {
        using var folder = new TemporaryFolder();
        Tiny.Save(folder.Path);
        File.WriteAllText(folder["special_tokens_map.json"], """{"pad_token": {"content": "!"}}""");
        var ids = ClipTokenizer.Load(folder.Path).Encode("a");
        Assert.Equal([998, 320, 999, 0, 0], ids[..5]);
    }

    [Theory]
    [InlineData("merges.txt", "#version: 0.2\ni n\nthree of them\n", "merges.txt:3")]
    [InlineData("merges.txt", "#version: 0.2\nq zx\n", "has no 'qzx'")]
    [InlineData("vocab.json", "{\"a\": \"b\"}", "vocab.json")]
    [InlineData("vocab.json", "{\"!\": 0}", "has no '\"'")]
    [InlineData("vocab.json", null, "expected a file, found none")]
    [InlineData("tokenizer_config.json", "{\"model_max_length\": 2000000000}", "2000000000")]
    [InlineData("tokenizer_config.json", "[]", "tokenizer_config.json")]
    public void Broken_folders_are_named(string file, string? content, string expected)
    {
        using var folder = new TemporaryFolder();
        Tiny.Save(folder.Path);
        if (content is null)
            File.Delete(folder[file]);
        else
            File.WriteAllText(folder[file], content);
        var error = Assert.Throws<InvalidDataException>(() => ClipTokenizer.Load(folder.Path));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Saved_and_read_again_it_is_the_same()
    {
        using var folder = new TemporaryFolder();
        Real.Save(folder.Path);
        var again = ClipTokenizer.Load(folder.Path);
        Assert.Equal(Real.Vocabulary, again.Vocabulary);
        Assert.Equal(Real.Merges, again.Merges);
        Assert.Equal((Real.Length, Real.Padding), (again.Length, again.Padding));
    }
}

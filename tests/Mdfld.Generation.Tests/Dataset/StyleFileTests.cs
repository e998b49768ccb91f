using Mdfld.Generation.Dataset;
using Mdfld.Training.Augment;

namespace Mdfld.Tests.Generation.Dataset;

public sealed class StyleFileTests
{
    private const string One =
        """
        words:
          age: [young, old]
        styles:
          - id: ink
            caption: ink drawing of a face
            prompts:
              - ink drawing of a {age} face
            filters: [[ink]]
        """;

    private static readonly string[] Ids =
    [
        "photo", "animation-3d", "game-3d", "anime-90s", "anime-modern", "manga", "american-comic", "european-comic",
        "newspaper-caricature", "painted-caricature", "oil", "renaissance", "impressionist", "expressionist", "cubist",
        "watercolour", "pastel", "charcoal", "pencil", "engraving", "woodblock", "pop-art", "flat-vector", "pixel-art",
        "clay",
    ];

    [Fact]
    public void TheLibraryHoldsThePapersNumberOfStyles()
    {
        var book = StyleBook.Default();
        Assert.Equal(Ids, book.Styles.Select(s => s.Id));
        Assert.All(book.Styles, s => Assert.InRange(s.Prompts.Count, 3, 20));
        Assert.Equal(25, book.Styles.Select(s => s.Caption).Distinct().Count());
        Assert.Equal(25, book.Styles.Select(s => string.Join('+', s.Filters[0])).Distinct().Count());
    }

    /// <summary>All but photos.</summary>
    [Fact]
    public void EveryStyleLooksInThreeWays() => Assert.All(
        StyleBook.Default().Styles.Skip(1),
        style => Assert.InRange(style.Filters.Select(f => string.Join(',', f)).Distinct().Count(), 3, 9));

    [Fact]
    public void SlotsAreFilledAndTheSameNumbersGiveTheSamePrompt()
    {
        var book = StyleBook.Default();
        foreach (var style in book.Styles)
        {
            string[] prompts = [.. Enumerable.Range(0, 40).Select(seed => book.Prompt(style, new Random(seed)))];
            Assert.All(prompts, p => Assert.DoesNotContain('{', p));
            Assert.InRange(prompts.Distinct().Count(), 10, 40);
            Assert.Equal(prompts[7], book.Prompt(style, new Random(7)));
        }
    }

    [Fact]
    public void StylesAreChosenByName()
    {
        var book = StyleBook.Default();
        Assert.Equal(25, book.Select("all").Count);
        Assert.All(book.Styles, s => Assert.True(s.Filters.Count >= 3, s.Id));
        Assert.Equal(["oil", "pencil"], book.Select("pencil, oil").Select(s => s.Id));
        Assert.Contains("'crayon'", Assert.Throws<ArgumentException>(() => book.Select("oil,crayon")).Message);
        Assert.Contains("oil is named twice", Assert.Throws<ArgumentException>(() => book.Select("oil,oil")).Message);
    }

    [Theory]
    [InlineData("id: ink", "id: Ink", "line 4", "'Ink'")]
    [InlineData("{age}", "{hair}", "prompt of ink", "{hair}")]
    [InlineData("[[ink]]", "[[crayon]]", "line 4", "'crayon'")]
    [InlineData("[[ink]]", "[]", "line 4", "no filters")]
    [InlineData("[[ink]]", "[[ink]]\n    strength: 1.5", "line 4", "'strength'")]
    [InlineData("[[ink]]", "[[ink]]\n    exaggeration: [1, 0.5]", "line 4", "'exaggeration'")]
    [InlineData("[[ink]]", "[[ink]]\n    exaggeration: [1]", "line 4", "'exaggeration'")]
    [InlineData("[[ink]]", "[[ink]]\n    guidence: 3", "line 9", "guidence")]
    [InlineData("[[ink]]", "[[ink]]\n    shape: square", "line 9", "square")]
    [InlineData("caption: ink drawing of a face", "caption: ''", "line 4", "caption")]
    [InlineData("    caption: ink drawing of a face\n", "", "line 4", "caption")]
    [InlineData("[young, old]", "[]", "words", "age")]
    [InlineData("words:", "words: [", "bracket", "")]
    [InlineData("styles:", "stiles:", "line 3", "stiles")]
    public void WhatIsWrongIsNamedWithItsLine(string from, string to, string line, string what)
    {
        Assert.Single(StyleBook.Parse(One, "my.yaml").Styles);
        var text = One.ReplaceLineEndings("\n").Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(One, text);
        var error = Assert.Throws<InvalidDataException>(() => StyleBook.Parse(text, "my.yaml"));
        Assert.StartsWith("my.yaml", error.Message);
        Assert.Contains(line, error.Message);
        Assert.Contains(what, error.Message);
    }

    [Fact]
    public void AnEmptyFileIsAnError() =>
        Assert.Throws<InvalidDataException>(() => StyleBook.Parse("", "my.yaml"));

    /// <summary>
    /// Every filter, on a face of plain discs: the picture changes, the call says what it needs.
    /// </summary>
    [Fact]
    public void EveryFilterIsApplied()
    {
        var face = new Augment.SyntheticFace();
        foreach (var filter in StyleFilters.Names.Where(f => f != "photo"))
        {
            var before = face.Picture.Warp(Homography.Identity, 400, 400);
            var picture = before.Clone();
            StyleFilters.Apply(picture, [filter], new Random(3));
            Assert.False(picture.Data.SequenceEqual(before.Data), filter);
            var again = before.Clone();
            StyleFilters.Apply(again, [filter], new Random(3));
            Assert.True(picture.Data.SequenceEqual(again.Data), filter);
        }
    }
}

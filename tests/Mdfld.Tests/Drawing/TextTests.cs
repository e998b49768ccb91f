using System.Numerics;
using SkiaSharp;

namespace Mdfld.Tests.Drawing;

public sealed class TextTests
{
    private const string Characters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.,:;!?'\"/\\|()[]+=<>*#&%\u2026";

    [Fact]
    public void EveryCharacterIsAnotherShapeOfItsHeight()
    {
        var shapes = new HashSet<string>();
        foreach (var letter in Characters)
        {
            using var path = Overlay.Text(letter.ToString(), new Vector2(10, 20), 60);
            var bounds = path.TightBounds;
            Assert.True(
                bounds.Left >= 9.9f && bounds.Right < 80 && bounds.Top > 12 && bounds.Bottom < 102, $"{letter}");
            if (char.IsUpper(letter) || char.IsDigit(letter))
                Assert.True(MathF.Abs(bounds.Top - 20) < 1 && bounds.Bottom is > 79 and < 86, $"{letter} {bounds}");
            // A small l and a capital I are alike in letters of one stroke.
            shapes.Add(letter == 'l' ? "l" : path.ToSvgPathData());
        }
        Assert.Equal(Characters.Length, shapes.Count);
    }

    [Fact]
    public void AnUnknownCharacterIsAQuestionMark() =>
        Assert.Equal(Svg("a ? b?"), Svg("a \u00f6 b\ud83d\ude00"));

    [Fact]
    public void LettersFollowEachOther()
    {
        using var one = Overlay.Text("Oil", Vector2.Zero, 12);
        using var two = Overlay.Text("Oil painting", Vector2.Zero, 12);
        Assert.StartsWith(one.ToSvgPathData(), two.ToSvgPathData());
        Assert.True(two.TightBounds.Right > 3 * one.TightBounds.Right);
    }

    [Fact]
    public void WhatIsTooWideEndsInAnEllipsis()
    {
        using var all = Overlay.Text("watercolour", Vector2.Zero, 12);
        var width = all.TightBounds.Right;
        Assert.Equal(all.ToSvgPathData(), Svg("watercolour", width + 0.01f));
        Assert.Equal(Svg("waterc\u2026"), Svg("watercolour", 0.7f * width));
        for (var share = 0f; share <= 1; share += 0.05f)
        {
            using var cut = Overlay.Text("watercolour", Vector2.Zero, 12, share * width);
            Assert.True(cut.IsEmpty || cut.TightBounds.Right <= (share * width) + 0.01f, $"{share}");
        }
    }

    private static string Svg(string text, float width = float.PositiveInfinity)
    {
        using var path = Overlay.Text(text, Vector2.Zero, 12, width);
        return path.ToSvgPathData();
    }
}

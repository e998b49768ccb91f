using System.Numerics;

namespace Mdfld.Tests.Drawing;

public sealed class ContactSheetTests
{
    private const int Side = 64;

    [Fact]
    public void EveryCellShowsItsPictureAndItsPoints()
    {
        SheetCell[] cells =
        [
            new(Plain(Side, 40)), new(Plain(Side / 2, 80), [new Vector2(10, 20), new Vector2(-500, 1e9f)]),
            new(Plain(2 * Side, 120), [new Vector2(100, 30)]),
        ];
        var sheet = ContactSheet.Draw(cells, 2, Side);
        Assert.Equal((2 * Side, 2 * Side), (sheet.Width, sheet.Height));
        Assert.Equal([40, 80, 120, 0], (int[])[At(5, 5), At(Side + 5, 5), At(5, Side + 5), At(Side + 5, Side + 5)]);
        // A pixel of the small picture is two wide here, and one of the large picture half.
        Assert.Equal([64, 255, 64], Pixel(sheet, Side + 21, 41), Near);
        Assert.Equal([64, 255, 64], Pixel(sheet, 50, Side + 15), Near);
        Assert.Equal(80, At(Side + 26, 41));

        int At(int x, int y) => Pixel(sheet, x, y)[0];
        static bool Near(int a, int b) => Math.Abs(a - b) < 120;
    }

    [Fact]
    public void PointsAreAsLargeWhateverIsShown()
    {
        var (small, large) = (Dots(Side / 4), Dots(4 * Side));
        Assert.InRange(small, 5, 40);
        Assert.Equal(small, large);

        static int Dots(int side)
        {
            var sheet = ContactSheet.Draw(
                [new SheetCell(Plain(side, 128), [new Vector2((side / 2f) - 0.5f)])], 1, Side);
            return Enumerable.Range(0, Side * Side).Count(i => sheet.Data[3 * i] != 128);
        }
    }

    [Fact]
    public void CaptionsAreOfOneSizeAndEndWithTheirCell()
    {
        var picture = Plain(Side, 0);
        var sheet = ContactSheet.Draw(
            [
                new(picture, Caption: "Il"), new(picture, Caption: "I" + new string('l', 200)), new(picture),
            ], 3, Side);
        Assert.True(sheet.Height is > Side + 12 and < Side + 30);
        // The first letter is drawn alike, and every column beyond the edge is empty.
        for (var y = Side; y < sheet.Height; y++)
        {
            for (var x = 0; x < 6; x++)
                Assert.Equal(Pixel(sheet, x, y), Pixel(sheet, Side + x, y), (a, b) => Math.Abs(a - b) < 10);
            for (var x = 2 * Side; x < 3 * Side; x++)
                Assert.Equal([0, 0, 0], Pixel(sheet, x, y));
        }
        Assert.Contains(Enumerable.Range(0, 6), x => Pixel(sheet, x, Side + 6)[0] > 150);
        Assert.Equal(Side, ContactSheet.Draw([new(picture)], 1, Side).Height);
    }

    private static Picture Plain(int side, byte grey)
    {
        var picture = new Picture(side, side);
        picture.Data.Fill(grey);
        return picture;
    }

    private static int[] Pixel(Picture picture, int x, int y) =>
        [.. picture.Row(y).Slice(3 * x, 3).ToArray().Select(value => (int)value)];
}

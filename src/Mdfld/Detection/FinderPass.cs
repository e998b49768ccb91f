using System.Numerics;

namespace Mdfld;

/// <summary>A pass over a picture: its size, and the views that cover it.</summary>
internal sealed class FinderPass
{
    // Around a picture, at least so many pixels and this share of its longest side, up to a limit: faces cut by the
    // border are full cells away from the edge.
    private const int SmallestFrame = 8;
    private const int LargestFrame = 32;
    private const float FrameShare = 0.12f;

    // A picture up to this size is one view. Larger ones are cut into tiles, small ones where only some are searched.
    private const int LargestView = 864;
    private const int Tile = 640;
    private const int SmallTile = 256;

    // A face up to twice as large lies in a tile completely when its middle lies in the tile's core.
    private const int Margin = 32;

    private const int Block = FinderLayout.LargestStride;

    private readonly Vector2 _size;
    private readonly int _frame;
    private readonly int _columns;
    private readonly float[] _blocks;

    /// <summary>A pass over a picture of that size.</summary>
    public FinderPass(double scale, int width, int height)
    {
        Scale = scale;
        _size = new Vector2((float)(width * scale), (float)(height * scale));
        _frame = Math.Clamp((int)(FrameShare * Math.Max(_size.X, _size.Y)), SmallestFrame, LargestFrame);
        _columns = Blocks(_size.X);
        _blocks = new float[_columns * Blocks(_size.Y)];
    }

    /// <summary>Pixels of the input for one of the picture.</summary>
    public double Scale { get; }

    /// <summary>The views that cover the picture.</summary>
    /// <param name="model">Says what sizes of input there may be.</param>
    /// <param name="coarser">The pass before, where only tiles are wanted in which it saw something; else null.</param>
    public List<FinderView> Views(FinderModel model, FinderPass? coarser)
    {
        var all = Cut(model, Tile);
        if (coarser is null)
            return all;
        var some = Cut(model, SmallTile);
        some.RemoveAll(view => coarser.Highest(view.Core, Scale) < FinderSearch.Presence * model.Threshold);
        return some.Sum(v => v.Area) < all.Sum(v => v.Area) ? some : all;
    }

    /// <summary>Notes the score of a cell in a view.</summary>
    public void Note(in FinderView view, int column, int row, int stride, float score)
    {
        var x = ((column * stride) + (stride / 2) - (int)view.Shift.X + _frame) / Block;
        var y = ((row * stride) + (stride / 2) - (int)view.Shift.Y + _frame) / Block;
        var at = (y * _columns) + x;
        if ((uint)x < (uint)_columns && (uint)at < (uint)_blocks.Length && score > _blocks[at])
            _blocks[at] = score;
    }

    private int Blocks(float length) => (int)((length + (2 * _frame)) / Block) + 1;

    /// <summary>The highest score noted in a part of the picture as a pass of another scale has it.</summary>
    private float Highest(in FaceBox part, double scale)
    {
        var ratio = (float)(Scale / scale);
        var (left, right) = At(part.Left, part.Width, _columns);
        var (top, bottom) = At(part.Top, part.Height, _blocks.Length / _columns);
        var highest = 0f;
        for (var y = top; y <= bottom; y++)
        {
            for (var x = left; x <= right; x++)
                highest = Math.Max(highest, _blocks[(y * _columns) + x]);
        }
        return highest;

        (int First, int Last) At(float start, float length, int count) => (
            Math.Clamp((int)(((start * ratio) + _frame) / Block), 0, count - 1),
            Math.Clamp((int)((((start + length) * ratio) + _frame) / Block), 0, count - 1));
    }

    private List<FinderView> Cut(FinderModel model, int tile)
    {
        var views = new List<FinderView>();
        var rows = Spans(_size.Y, model.Height, tile);
        foreach (var across in Spans(_size.X, model.Width, tile))
        {
            foreach (var down in rows)
            {
                views.Add(new FinderView(
                    Scale,
                    new Vector2(-across.Start, -down.Start),
                    across.Length,
                    down.Length,
                    new FaceBox(across.Low, down.Low, across.High - across.Low, down.High - down.Low),
                    across.IsCut || down.IsCut ? 2 * Margin : float.PositiveInfinity));
            }
        }
        return views;
    }

    /// <summary>Cuts a side into spans of the network's input that overlap by two margins.</summary>
    private List<Span> Spans(float length, int? fixedLength, int tile)
    {
        var canvas = (int)MathF.Ceiling(length) + (2 * _frame);
        if (canvas <= (fixedLength ?? (tile == Tile ? LargestView : tile)))
        {
            var input = fixedLength ?? Multiple(canvas);
            // By whole pixels: a picture that is not reduced stays sharp.
            return [new Span((int)MathF.Floor((length - input) / 2), input, -_frame, length + _frame, false)];
        }
        tile = fixedLength ?? tile;
        var count = 1 + (int)MathF.Ceiling((canvas - tile) / (float)(tile - (2 * Margin)));
        var starts = new int[count];
        for (var i = 0; i < count; i++)
            starts[i] = ((canvas - tile) * i / (count - 1)) - _frame;
        return [.. starts.Select((start, i) => new Span(
            start,
            tile,
            i == 0 ? -_frame : (starts[i - 1] + tile + start) / 2f,
            i == count - 1 ? length + _frame : (start + tile + starts[i + 1]) / 2f,
            true))];
    }

    private static int Multiple(int pixels) => (pixels + Block - 1) / Block * Block;

    private readonly record struct Span(int Start, int Length, float Low, float High, bool IsCut);
}

/// <summary>An input of the network: pixel p of the picture is scale p + shift of it.</summary>
/// <param name="Scale">Pixels of the input for one of the picture.</param>
/// <param name="Shift">Whole pixels.</param>
/// <param name="Width">Columns of the input.</param>
/// <param name="Height">Rows of the input.</param>
/// <param name="Core">
/// The part whose faces it says, pixels of the scaled picture: the cores of a pass cover the picture once.
/// </param>
/// <param name="LargestFace">Longest side of the largest face it says, pixels: larger ones may be cut.</param>
internal readonly record struct FinderView(
    double Scale, Vector2 Shift, int Width, int Height, FaceBox Core, float LargestFace)
{
    /// <summary>Takes pixels of the picture to the input.</summary>
    public Homography FromPicture => Homography.Affine(Scale, 0, Shift.X, 0, Scale, Shift.Y);

    /// <summary>Pixels of the input.</summary>
    public long Area => (long)Width * Height;

    /// <summary>Whether a face, pixels of the input, is one that it says.</summary>
    public bool Says(FaceBox face)
    {
        var (x, y) = (face.Centre.X - Shift.X, face.Centre.Y - Shift.Y);
        return MathF.Max(face.Width, face.Height) <= LargestFace
            && (float.IsPositiveInfinity(LargestFace)
                || (x >= Core.Left && x < Core.Left + Core.Width && y >= Core.Top && y < Core.Top + Core.Height));
    }
}

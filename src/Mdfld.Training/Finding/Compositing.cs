using Mdfld.Training.Augment;

namespace Mdfld.Training;

/// <summary>The edge of a piece that was pasted into a picture.</summary>
internal enum PieceEdge
{
    Hard,
    SoftRectangle,
    SoftEllipse,
}

/// <summary>Pastes pieces into pictures.</summary>
internal static class Compositing
{
    /// <summary>Pastes a piece, its pixels as they are; what reaches out of the picture is cut off.</summary>
    public static void Paste(Picture target, Picture piece, int left, int top, PieceEdge edge, float feather)
    {
        var (halfWidth, halfHeight) = (piece.Width / 2f, piece.Height / 2f);
        var soft = 1 / MathF.Max(1e-3f, feather);
        for (var y = Math.Max(0, -top); y < Math.Min(piece.Height, target.Height - top); y++)
        {
            var source = piece.Row(y);
            var row = target.Row(top + y);
            var v = (y + 0.5f - halfHeight) / halfHeight;
            for (var x = Math.Max(0, -left); x < Math.Min(piece.Width, target.Width - left); x++)
            {
                var u = (x + 0.5f - halfWidth) / halfWidth;
                var inside = edge switch
                {
                    PieceEdge.Hard => 1,
                    PieceEdge.SoftRectangle => MathF.Min(1 - MathF.Abs(u), 1 - MathF.Abs(v)) * soft,
                    _ => (1 - MathF.Sqrt((u * u) + (v * v))) * soft,
                };
                if (inside <= 0)
                    continue;
                var alpha = MathF.Min(1, inside);
                var (i, o) = (x * Picture.Channels, (left + x) * Picture.Channels);
                for (var c = 0; c < Picture.Channels; c++)
                    row[o + c] = FilterPicture.ToByte(row[o + c] + (alpha * (source[i + c] - row[o + c])));
            }
        }
    }

    /// <summary>A piece enlarged or reduced; p' = factor p + (factor - 1) / 2.</summary>
    public static Picture Scaled(Picture piece, float factor)
    {
        if (factor == 1)
            return piece;
        var t = (factor - 1) / 2;
        // Floor: a started last pixel would be half black.
        var (width, height) = (Math.Max(1, (int)(piece.Width * factor)), Math.Max(1, (int)(piece.Height * factor)));
        return piece.Warp(Homography.Affine(factor, 0, t, 0, factor, t), width, height, antialias: true);
    }
}

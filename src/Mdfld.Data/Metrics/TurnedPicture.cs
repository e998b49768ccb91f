using System.Numerics;

namespace Mdfld.Data;

/// <summary>A picture turned about its middle, whole and on black, and the boxes of its faces with it.</summary>
internal static class TurnedPicture
{
    /// <summary>Turns a picture and its faces.</summary>
    /// <param name="image">The pixels.</param>
    /// <param name="picture">The faces; ignored ones are turned, too.</param>
    /// <param name="degrees">Clockwise.</param>
    public static (Picture Image, FacePicture Picture) Of(Picture image, FacePicture picture, float degrees)
    {
        if (degrees == 0)
            return (image, picture);
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        var (width, height) = Extent(image.Width, image.Height);
        var middle = new Vector2((image.Width - 1) / 2f, (image.Height - 1) / 2f);
        var (columns, rows) = ((int)Math.Ceiling(width - 0.01), (int)Math.Ceiling(height - 0.01));
        var map = Homography.Translation(((columns - 1) / 2.0) - middle.X, ((rows - 1) / 2.0) - middle.Y)
            * Homography.Rotation(degrees * Math.PI / 180, 1, middle);
        return (image.Warp(map, columns, rows),
            picture with { Faces = [.. picture.Faces.Select(Turn)], Ignored = [.. picture.Ignored.Select(Turn)] });

        // A face is round rather than square: the box of the ellipse that fills its box.
        FaceBox Turn(FaceBox box)
        {
            var (x, y) = (box.Width, box.Height);
            return FaceBox.AtCentre(
                map.Apply(box.Centre), (float)Math.Sqrt((x * cos * x * cos) + (y * sin * y * sin)),
                (float)Math.Sqrt((x * sin * x * sin) + (y * cos * y * cos)));
        }

        (double Width, double Height) Extent(double x, double y) =>
            (Math.Abs(x * cos) + Math.Abs(y * sin), Math.Abs(x * sin) + Math.Abs(y * cos));
    }
}

using System.Numerics;

namespace Mdfld.Training.Finder;

/// <summary>Composed pictures side by side with their boxes and points, for the eye.</summary>
internal static class SceneSheet
{
    private const int Columns = 5;
    private const int Rows = 4;

    /// <summary>Draws a sheet.</summary>
    public static Picture Draw(SceneComposer composer, int size, Random random)
    {
        var sheet = new Picture(Columns * size, Rows * size);
        for (var n = 0; n < Columns * Rows; n++)
        {
            var scene = composer.Compose(new Random(random.Next()));
            Mark(scene);
            Collage.Lay(sheet, scene.Picture, n % Columns * size, n / Columns * size, PieceEdge.Hard, 0);
        }
        return sheet;
    }

    private static void Mark(Scene scene)
    {
        var canvas = new DrawingCanvas(scene.Picture);
        foreach (var face in scene.Faces)
        {
            var colour = face.Unsure ? new Vector3(255, 160, 0) : new Vector3(64, 255, 64);
            var (low, high) = (
                new Vector2(face.Box.Left, face.Box.Top),
                new Vector2(face.Box.Left + face.Box.Width, face.Box.Top + face.Box.Height));
            canvas.Stroke([low, new(high.X, low.Y), high, new(low.X, high.Y), low], colour, 1.5f);
            foreach (var point in face.Points ?? [])
                canvas.Disc(point, 1.5f, colour);
        }
    }
}

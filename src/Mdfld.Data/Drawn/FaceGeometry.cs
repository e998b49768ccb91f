using System.Numerics;

namespace Mdfld.Data;

/// <summary>A face on the picture plane: where its landmarks are and the outlines that no landmark marks.</summary>
/// <param name="Points">The 68 iBUG points, pixels.</param>
/// <param name="Unit">Half the width of the head, pixels.</param>
/// <param name="Roll">Turn of the head in the plane, radians, clockwise as seen.</param>
/// <param name="Forehead">From the temple on the right over the forehead to the left.</param>
/// <param name="Crown">The top of the head likewise, further out: where hair ends.</param>
internal sealed record FaceGeometry(Vector2[] Points, float Unit, float Roll, Vector2[] Forehead, Vector2[] Crown)
{
    /// <summary>Downwards along the face.</summary>
    public Vector2 Down => new(-MathF.Sin(Roll), MathF.Cos(Roll));

    /// <summary>To the picture's right along the face.</summary>
    public Vector2 Right => new(MathF.Cos(Roll), MathF.Sin(Roll));

    /// <summary>Round the whole face: jaw and forehead.</summary>
    public Vector2[] Outline => [.. Points[..17], .. Forehead];

    /// <summary>A point at (x, y) units from a landmark, along the face.</summary>
    public Vector2 From(int point, float x, float y) => Points[point] + (Unit * ((x * Right) + (y * Down)));
}

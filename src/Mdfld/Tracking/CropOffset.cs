namespace Mdfld;

/// <summary>
/// Position, size and turn of the crop in which the detector finds a face, about its points. Followed faces are cropped so, too: a crop around
/// what was found in the crop before, frame after frame, wanders off to where the model agrees with itself.
/// </summary>
/// <param name="Shift">From the crop around the points to the crop, in sides of the former, upright.</param>
/// <param name="Zoom">Logarithm of the ratio of the sides.</param>
/// <param name="Turn">Between the rolls, radians.</param>
internal readonly record struct CropOffset(Vector2 Shift, float Zoom, float Turn)
{
    private const float MostShift = 0.15f;
    private const float MostZoom = 0.22f;

    /// <summary>From a crop around points to the crop they were found in; null where those have little to do with each other.</summary>
    public static CropOffset? Of(FaceCrop around, FaceCrop crop)
    {
        var offset = new CropOffset(
            Turned(crop.Centre - around.Centre, -around.Roll) / around.Side, MathF.Log(crop.Side / around.Side),
            MathF.IEEERemainder(crop.Roll - around.Roll, MathF.Tau));
        return offset.Shift.Length() < MostShift && MathF.Abs(offset.Zoom) < MostZoom && MathF.Abs(offset.Turn) < MostShift
            ? offset : null;
    }

    /// <summary>The median of each number; at least one.</summary>
    public static CropOffset Median(IReadOnlyCollection<CropOffset> offsets)
    {
        return new CropOffset(new(Of(o => o.Shift.X), Of(o => o.Shift.Y)), Of(o => o.Zoom), Of(o => o.Turn));

        float Of(Func<CropOffset, float> number)
        {
            float[] sorted = [.. offsets.Select(number).Order()];
            return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        }
    }

    /// <summary>A share of the way to another.</summary>
    public CropOffset Towards(CropOffset other, float share) => new(
        Vector2.Lerp(Shift, other.Shift, share), float.Lerp(Zoom, other.Zoom, share), float.Lerp(Turn, other.Turn, share));

    /// <summary>The crop that lies so about other points.</summary>
    public FaceCrop On(FaceCrop around) => new(
        around.Centre + (around.Side * Turned(Shift, around.Roll)), MathF.Exp(Zoom) * around.Side, around.Roll + Turn);

    private static Vector2 Turned(Vector2 p, float angle)
    {
        var (sin, cos) = MathF.SinCos(angle);
        return new Vector2((p.X * cos) - (p.Y * sin), (p.X * sin) + (p.Y * cos));
    }
}

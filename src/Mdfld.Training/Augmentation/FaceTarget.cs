namespace Mdfld.Training.Augmentation;

/// <summary>What an augmentation writes to must fit it.</summary>
internal static class FaceTarget
{
    /// <exception cref="ArgumentException">Points or target have another number or size than expected.</exception>
    public static void Check(IFaceAugmentation augmentation, int points, int given, Image target, int room)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (given != points || room != points)
            throw new ArgumentException($"expected {points} landmarks, found {given} given and room for {room}");
        var size = augmentation.Size;
        if (target.Width != size || target.Height != size)
            throw new ArgumentException($"expected a target of {size} x {size}, found {target.Width} x {target.Height}");
    }
}

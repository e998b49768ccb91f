namespace Mdfld.Training.Finder;

/// <summary>What scenes are composed of.</summary>
/// <param name="Faces">Faces with their 68 landmarks; one that shall come more often is there more often.</param>
/// <param name="Pictures">Whole pictures; surroundings come from these, too.</param>
/// <param name="Boxed">Faces with their surroundings of which only the box is known.</param>
internal sealed record SceneMaterial(
    IReadOnlyList<StoredFace> Faces, IReadOnlyList<LabelledPicture> Pictures, IReadOnlyList<BoxedFace> Boxed)
{
    /// <summary>The crop that <see cref="FaceStore"/> keeps faces for: large enough for a portrait.</summary>
    public const int FaceSize = 144;

    /// <summary>Draws faces in all looks, their landmarks exactly known.</summary>
    public static IEnumerable<StoredFace> Drawn(int count, int seed)
    {
        const int Side = 256;
        var looks = Enum.GetValues<FaceLook>();
        return Enumerable.Range(0, count).AsParallel().AsOrdered().Select(i =>
        {
            var drawn = FaceDrawing.Draw(looks[i % looks.Length], unchecked((1009 * seed) + (31 * i)), Side);
            return new StoredFace(drawn.Picture, drawn.Landmarks, FaceBox.Around(drawn.Landmarks).ToCrop(1));
        });
    }
}

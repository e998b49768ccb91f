namespace Mdfld;

/// <summary>
/// What a face looks like, coarsely: colours of it and of its hair on a small grid, upright. Enough to tell the faces of
/// one scene from each other after a crossing or a cut; it knows nobody.
/// </summary>
internal sealed class FaceAppearance
{
    private const int Size = 24;
    private const int Cells = 8;
    private const float Margin = 0.5f;
    private const float Rate = 0.08f;

    private readonly float[] _mean;

    private FaceAppearance(float[] mean) => _mean = mean;

    /// <summary>Of a face in a picture; null where its points give no crop.</summary>
    public static FaceAppearance? Of(Picture picture, Landmarks face)
    {
        if (face.Scheme.FivePoints(face.Points.AsSpan()) is not { Length: 5 } five
            || !(Vector2.Distance(five[0], five[1]) > 1))
            return null;
        var cut = face.Align(picture, Size, Margin);
        var grid = new float[Cells * Cells * Picture.Channels];
        const int Side = Size / Cells;
        for (var y = 0; y < Size; y++)
        {
            var row = cut.Row(y);
            for (var x = 0; x < Size; x++)
            {
                for (var c = 0; c < Picture.Channels; c++)
                    grid[((((y / Side) * Cells) + (x / Side)) * Picture.Channels) + c] += row[(x * Picture.Channels) + c];
            }
        }
        return new FaceAppearance(Normalised(grid));
    }

    /// <summary>1 of the same picture, 0 of unrelated ones: the correlation of both.</summary>
    public float Similarity(FaceAppearance other)
    {
        var sum = 0f;
        for (var i = 0; i < _mean.Length; i++)
            sum += _mean[i] * other._mean[i];
        return sum;
    }

    /// <summary>The running mean with what was seen now.</summary>
    public FaceAppearance With(FaceAppearance now) =>
        new(Normalised([.. _mean.Zip(now._mean, (a, b) => ((1 - Rate) * a) + (Rate * b))]));

    // Brightness and contrast of the light do not count, colours do.
    private static float[] Normalised(float[] grid)
    {
        var mean = grid.Average();
        var square = 0f;
        for (var i = 0; i < grid.Length; i++)
        {
            grid[i] -= mean;
            square += grid[i] * grid[i];
        }
        var length = MathF.Max(MathF.Sqrt(square), 1e-6f);
        for (var i = 0; i < grid.Length; i++)
            grid[i] /= length;
        return grid;
    }
}

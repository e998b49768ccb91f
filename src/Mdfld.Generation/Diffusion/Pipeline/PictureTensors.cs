namespace Mdfld.Generation;

/// <summary>Pictures as networks see them, (1, 3, H, W), R, G, B.</summary>
public static class PictureTensors
{
    /// <summary>Parts of one shape as a batch, (N, ...).</summary>
    internal static Tensor Stack(IReadOnlyList<SamplePart> parts) =>
        Tensor.From<float>([.. parts.SelectMany(p => p.Data)], [parts.Count, .. parts[0].Shape]);

    /// <summary>In [-1, 1]: for the autoencoder.</summary>
    public static Tensor Signed(Picture picture) => Stack([PicturePlanes.Of(picture)]);

    /// <summary>In [0, 1]: for the ControlNet.</summary>
    public static Tensor Unsigned(Picture picture)
    {
        using var scope = NewDisposeScope();
        return ((Signed(picture) + 1) / 2).MoveToOuterDisposeScope();
    }

    /// <summary>The first picture of (N, 3, H, W) in about [-1, 1], rounded and clamped to 8 bits.</summary>
    public static Picture ToImage(Tensor pictures)
    {
        using var scope = NewDisposeScope();
        var levels = (255 * ((pictures.select(0, 0).to(ScalarType.Float32) / 2) + 0.5).clamp(0, 1)).round();
        var pixels = levels.to(ScalarType.Byte).permute(1, 2, 0);
        return new Picture((int)pixels.shape[1], (int)pixels.shape[0], pixels.ToArray<byte>());
    }
}

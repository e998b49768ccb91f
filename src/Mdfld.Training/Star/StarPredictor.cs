using System.Numerics;

namespace Mdfld.Training.Star;

/// <summary>
/// Finds landmarks with a network of STAR inside libtorch, as the original's evaluation does: crop, network, back to
/// the picture. (An exported ONNX model in <c>LandmarkDetector</c> does the same faster.)
/// </summary>
/// <param name="network">Switched to evaluation; not disposed here.</param>
public sealed class StarPredictor(StarNetwork network)
{
    /// <summary>The landmarks of one face.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="face">The square to look at; STAR's own factor is 1.</param>
    /// <returns>P points, pixels of the picture.</returns>
    public Vector2[] Predict(Picture image, FaceCrop face)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        network.Eval();
        var planes = StarPicture.ToPlanes(StarPicture.Crop(image, face));
        var input = Tensor.From<float>(planes, 1, Picture.Channels, StarOptions.CropSize, StarOptions.CropSize);
        return StarPicture.ToPicture(network.Forward(input)[^1].Landmarks.to(CPU).ToArray<float>(), face);
    }
}

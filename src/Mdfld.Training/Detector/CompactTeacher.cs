namespace Mdfld.Training;

/// <summary>
/// A trained network that has its say in what another one learns: labels are moved towards the mean of what it finds
/// in a face and in the face's mirror image, which is better than either. The other network learns to find it in one
/// look (distillation on the varied faces themselves, Hinton et al. 2015; Beyer et al. 2022).
/// </summary>
internal sealed class CompactTeacher : IDisposable
{
    // Where the teacher is farther off than this, network units, it is the one that is wrong.
    private const double Farthest = 0.06;

    private readonly CompactNetwork _network;
    private readonly LandmarkScheme _scheme;
    private readonly double _share;

    /// <param name="recipe">Which network, and how much it has to say.</param>
    /// <param name="scheme">The landmarks it finds.</param>
    /// <exception cref="InvalidDataException">The file is no compact network of this scheme.</exception>
    public CompactTeacher(TeacherRecipe recipe, LandmarkScheme scheme)
    {
        _network = CompactCheckpoint.Load(recipe.From);
        if (_network.Points != scheme.Count)
        {
            _network.Dispose();
            throw new InvalidDataException(
                $"{recipe.From}: finds {_network.Points} points; the faces to learn from have {scheme.Count}");
        }
        (_scheme, _share) = (scheme, recipe.Share);
        _network.Eval();
    }

    /// <summary>Moves labels towards what the teacher finds.</summary>
    /// <param name="images">(N, 3, S, S); N even, each odd face the mirror image of the one before.</param>
    /// <param name="landmarks">(N, P, 2), network units.</param>
    /// <returns>(N, P, 2), without gradient.</returns>
    public Tensor Correct(Tensor images, Tensor landmarks)
    {
        using var noGrad = no_grad();
        var found = MirrorPairs.Agreed(_network.Forward(images), _scheme);
        return landmarks + ((found - landmarks).clamp(-Farthest, Farthest) * _share);
    }

    public void To(Device device) => _network.To(device);

    public void Dispose() => _network.Dispose();
}

namespace Mdfld.Training;

/// <summary>
/// What the compact network is trained on: the wing loss (Feng et al. 2018) of the coordinates in % of the crop, plus
/// the cross entropy between each heat map and a Gaussian round the true point, which gives every cell a gradient long
/// before soft-argmax finds the point (compare Nibali et al. 2018).
/// </summary>
public sealed record CompactLoss
{
    /// <summary>Wing loss: the error in % of the crop from which it grows linearly.</summary>
    public double WingWidth { get; init; } = 6;

    /// <summary>Wing loss: curvature near zero, % of the crop.</summary>
    public double WingEpsilon { get; init; } = 1;

    /// <summary>Weight of the heat maps' cross entropy.</summary>
    public double MapWeight { get; init; } = 1;

    /// <summary>Spread of the Gaussian, cells of the heat map.</summary>
    public double MapSigma { get; init; } = 1;

    /// <summary>The mean loss of a batch, a scalar.</summary>
    /// <param name="network">Decodes the maps.</param>
    /// <param name="logits">(N, P, G, G) from <see cref="CompactNetwork.Logits"/>.</param>
    /// <param name="landmarks">True points (N, P, 2), network units.</param>
    public Tensor Forward(CompactNetwork network, Tensor logits, Tensor landmarks)
    {
        // Half the crop is one network unit.
        var error = ((network.Decode(logits) - landmarks) * 50).abs();
        var constant = WingWidth - (WingWidth * Math.Log(1 + (WingWidth / WingEpsilon)));
        var near = (error / WingEpsilon).log1p() * WingWidth;
        var wing = where(error.lt(WingWidth), near, error - constant).mean();
        return wing + (CrossEntropy(logits, landmarks) * MapWeight);
    }

    private Tensor CrossEntropy(Tensor logits, Tensor landmarks)
    {
        var (points, grid) = (logits.shape[1], logits.shape[3]);
        var target = Gaussian(landmarks, points, grid);
        var log = logits.reshape(-1, points, grid * grid).log_softmax(2);
        return -(target * log).sum([2]).mean();
    }

    /// <summary>Normalised Gaussians on the cells, (N, P, G * G); they carry no gradient.</summary>
    private Tensor Gaussian(Tensor landmarks, long points, long grid)
    {
        using var noGrad = no_grad();
        var centres = Tensor.From<float>(CompactNetwork.CellCentres((int)grid), grid).to(landmarks.device);
        var perUnit = grid / 2.0 / MapSigma;
        // A point outside the crop pulls to the border next to it.
        var inside = landmarks.clamp(-1, 1);
        var x = Profile(inside.slice(2, 0, 1, 1)).unsqueeze(2);
        var y = Profile(inside.slice(2, 1, 2, 1)).unsqueeze(3);
        return (x * y).reshape(-1, points, grid * grid);

        Tensor Profile(Tensor position)
        {
            var distance = (centres - position) * perUnit;
            var bell = (distance * distance * -0.5).exp();
            return bell / bell.sum([2], keepdim: true);
        }
    }
}

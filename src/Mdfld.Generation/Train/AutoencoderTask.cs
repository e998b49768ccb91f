using Mdfld.Training;

namespace Mdfld.Generation;

/// <summary>Teaches an autoencoder to give pictures back.</summary>
internal sealed class AutoencoderTask(AutoencoderConfig config, AutoencoderRun run) : TrainingTask
{
    private readonly AutoencoderLoss _loss = new(run.Edges, run.Divergence);

    /// <inheritdoc/>
    public override Autoencoder Network { get; } = new(config);

    /// <inheritdoc/>
    public override void Initialise(Random random) => Network.Initialise(random);

    /// <inheritdoc/>
    /// <param name="batch">Pictures (N, 3, S, S) in [-1, 1], and noise of the latents' shape.</param>
    public override Tensor Loss(IReadOnlyList<Tensor> batch)
    {
        var moments = Network.Encode(batch[0]);
        var made = Network.Decode(Network.Latent(moments, batch[1]));
        return _loss.Forward(made.to(ScalarType.Float32), batch[0], moments);
    }
}

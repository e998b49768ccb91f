using Mdfld.Training;

namespace Mdfld.Generation;

/// <summary>Makes samples for <see cref="DiffusionTask"/> of stored latents and prompts.</summary>
/// <param name="recipe">Dropout, weights, control.</param>
/// <param name="schedule">How noise is added.</param>
/// <param name="latents">The latents of all faces.</param>
/// <param name="scale">The autoencoder's scaling factor.</param>
/// <param name="prompts">Which prompt is drawn.</param>
/// <param name="texts">What the networks are told of each prompt.</param>
/// <param name="colours">What the control image looks like; null where there is no ControlNet.</param>
internal sealed class DiffusionSamples(
    GeneratorRecipe recipe, NoiseSchedule schedule, LatentStore latents, double scale, PromptTable prompts,
    SamplePart[] texts, ControlColours? colours)
{
    private readonly DiffusionLoss _loss = new(schedule, recipe.Gamma > 0 ? recipe.Gamma : null);

    /// <summary>A sample to learn from.</summary>
    public IReadOnlyList<SamplePart> Make(GeneratorFace face, Random random)
    {
        var variant = random.Next(recipe.Variants);
        var timestep = random.Next(schedule.Count);
        var prompt = random.NextDouble() < recipe.PromptDropout ? 0 : prompts.Draw(face.Style, random);
        return Make(latents.Read(face, variant), timestep, prompt, random);
    }

    /// <summary>
    /// A sample to measure on: the face as it is, its caption, a timestep that goes round with its number.
    /// </summary>
    public IReadOnlyList<SamplePart> Measure(GeneratorFace face, int number, Random random)
    {
        const int Rounds = 16;
        var timestep = (((number % Rounds) * 2) + 1) * schedule.Count / (2 * Rounds);
        return Make(latents.Read(face, 0), timestep, prompts.Caption(face.Style), random);
    }

    private SamplePart[] Make(StoredLatent stored, int timestep, int prompt, Random random)
    {
        var latent = stored.Sample(random, scale);
        var noise = random.Normal(latent.Length);
        var (noisy, target) = (new float[latent.Length], new float[latent.Length]);
        schedule.AddNoise(latent, noise, timestep, noisy);
        _loss.Target(latent, noise, timestep, target);
        SamplePart[] sample =
        [
            new(noisy, latents.Shape), new(target, latents.Shape), new([timestep], [1]),
            new([(float)_loss.Weight(timestep)], [1]), texts[prompt],
        ];
        return colours is null ? sample : [.. sample, ControlPlanes(stored, colours)];
    }

    private SamplePart ControlPlanes(StoredLatent stored, ControlColours shown)
    {
        var image = ControlImage.Draw(stored.Landmarks, recipe.Size, recipe.Size, shown);
        var planes = PicturePlanes.Of(image);
        // From [-1, 1] to [0, 1].
        for (var i = 0; i < planes.Data.Length; i++)
            planes.Data[i] = (planes.Data[i] + 1) / 2;
        return planes;
    }
}

namespace Mdfld.Generation;

/// <summary>
/// Makes samples for the joint training: noisy latents at a logit-normal time, with or without prompt, control image and
/// photo.
/// </summary>
/// <param name="ids">Token ids of each prompt.</param>
internal sealed class JointSamples(
    GeneratorRecipe recipe, NoiseSchedule schedule, LatentStore latents, AutoencoderConfig autoencoder,
    PromptTable prompts, SamplePart[] ids, ControlColours colours, bool takesPhoto) : IDiffusionSamples
{
    private readonly JointRecipe _joint = recipe.Joint!;
    private readonly DiffusionLoss _loss = new(schedule, recipe.Gamma > 0 ? recipe.Gamma : null);

    /// <summary>The parts of a sample in <see cref="DiffusionTask.Loss"/>'s order.</summary>
    public IReadOnlyList<SamplePart> Make(GeneratorFace face, Random random)
    {
        // Every draw is made whatever the others give: shares change no order.
        var variant = random.Next(recipe.Variants);
        var timestep = Timestep(random);
        var prompt = random.NextDouble() < recipe.PromptDropout ? 0 : prompts.Draw(face.Style, random);
        var hasControl = random.NextDouble() >= _joint.ControlDropout;
        var hasPhoto = random.NextDouble() >= _joint.PhotoDropout;
        return Make(latents.Read(face, variant), timestep, prompt, hasControl, hasPhoto, random);
    }

    /// <summary>
    /// A validation sample: the plain face, its caption, its control image, every second time its photo, a timestep that
    /// goes round with its number.
    /// </summary>
    public IReadOnlyList<SamplePart> Measure(GeneratorFace face, int number, Random random)
    {
        const int Rounds = 16;
        var timestep = ((number / 2 % Rounds * 2) + 1) * schedule.Count / (2 * Rounds);
        return Make(
            latents.Read(face, 0), timestep, prompts.Caption(face.Style), hasControl: true, hasPhoto: number % 2 == 1, random);
    }

    /// <summary>A timestep at which the logarithm of noise over signal is normal; a few of all alike.</summary>
    internal int Timestep(Random random)
    {
        var (uniform, normal) = (random.Next(schedule.Count), random.Normal(1)[0]);
        if (random.NextDouble() < _joint.UniformTimes)
            return uniform;
        var ratio = Math.Exp(_joint.NoiseMean + (_joint.NoiseDeviation * normal));
        return (int)Math.Round(schedule.TimestepOf(ratio));
    }

    private SamplePart[] Make(
        StoredLatent stored, int timestep, int prompt, bool hasControl, bool hasPhoto, Random random)
    {
        var latent = stored.Sample(random, autoencoder);
        var noise = random.Normal(latent.Length);
        var (noisy, target) = (new float[latent.Length], new float[latent.Length]);
        schedule.AddNoise(latent, noise, timestep, noisy);
        _loss.Target(latent, noise, timestep, target);
        var focus = FocusMap.Of(stored.Landmarks, recipe.Size, (int)latents.Shape[1], _joint.Focus);
        var weight = (float)_loss.Weight(timestep);
        SamplePart[] sample =
        [
            new(noisy, latents.Shape), new(target, latents.Shape), new([timestep], [1]),
            focus with { Data = Array.ConvertAll(focus.Data, f => f * weight) }, ids[prompt],
            DiffusionSamples.Control(stored.Landmarks, recipe.Size, colours), new([hasControl ? 1 : 0], [1]),
        ];
        if (takesPhoto)
            sample = [.. sample, Photo(hasPhoto ? stored.Photo : null)];
        return latents.FeatureShape is null ? sample : [.. sample, new(stored.Features!, latents.FeatureShape)];
    }

    /// <summary>A mask of ones and the latent as the UNet sees it; zeros for no photo.</summary>
    private SamplePart Photo(float[]? stored)
    {
        var (channels, side) = (latents.Shape[0], latents.Shape[1]);
        var each = (int)(side * side);
        var photo = new float[(channels + 1) * each];
        if (stored is not null)
        {
            photo.AsSpan(..each).Fill(1);
            var latent = photo.AsSpan(each..);
            stored.CopyTo(latent);
            autoencoder.Scale(latent);
        }
        return new(photo, [channels + 1, side, side]);
    }
}

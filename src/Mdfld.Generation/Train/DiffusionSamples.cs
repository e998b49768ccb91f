using Mdfld.Generation.Dataset;

namespace Mdfld.Generation;

/// <summary>Makes samples for <see cref="DiffusionTask"/>.</summary>
internal interface IDiffusionSamples
{
    /// <summary>A sample to learn from, all draws from one generator.</summary>
    IReadOnlyList<SamplePart> Make(GeneratorFace face, Random random);

    /// <summary>A sample to measure the loss on; its number decides what is not random.</summary>
    IReadOnlyList<SamplePart> Measure(GeneratorFace face, int number, Random random);
}

/// <summary>Makes samples of stored latents and prompts, for all stages but the joint one.</summary>
/// <param name="texts">Token ids or text states of each prompt.</param>
/// <param name="colours">Colours of the control image; null where there is no ControlNet.</param>
internal sealed class DiffusionSamples(
    GeneratorRecipe recipe, NoiseSchedule schedule, LatentStore latents, AutoencoderConfig autoencoder,
    PromptTable prompts, SamplePart[] texts, ControlColours? colours) : IDiffusionSamples
{
    private readonly DiffusionLoss _loss = new(schedule, recipe.Gamma > 0 ? recipe.Gamma : null);

    public IReadOnlyList<SamplePart> Make(GeneratorFace face, Random random)
    {
        var variant = random.Next(recipe.Variants);
        var timestep = random.Next(schedule.Count);
        var prompt = random.NextDouble() < recipe.PromptDropout ? 0 : prompts.Draw(face.Style, random);
        return Make(latents.Read(face, variant), timestep, prompt, random);
    }

    /// <summary>A validation sample: the plain face, its caption, a timestep that goes round with its number.</summary>
    public IReadOnlyList<SamplePart> Measure(GeneratorFace face, int number, Random random)
    {
        const int Rounds = 16;
        var timestep = (((number % Rounds) * 2) + 1) * schedule.Count / (2 * Rounds);
        return Make(latents.Read(face, 0), timestep, prompts.Caption(face.Style), random);
    }

    private SamplePart[] Make(StoredLatent stored, int timestep, int prompt, Random random)
    {
        var latent = stored.Sample(random, autoencoder);
        var noise = random.Normal(latent.Length);
        var (noisy, target) = (new float[latent.Length], new float[latent.Length]);
        schedule.AddNoise(latent, noise, timestep, noisy);
        _loss.Target(latent, noise, timestep, target);
        SamplePart[] sample =
        [
            new(noisy, latents.Shape), new(target, latents.Shape), new([timestep], [1]),
            new([(float)_loss.Weight(timestep)], [1]), texts[prompt],
        ];
        if (colours is null)
            return sample;
        return [.. sample, Control(stored.Landmarks, recipe.Size, colours)];
    }

    /// <summary>The control image of a face, (3, size, size) in [0, 1].</summary>
    public static SamplePart Control(Vector2[] landmarks, int size, ControlColours colours)
    {
        var control = PicturePlanes.Of(ControlImage.Draw(landmarks, size, size, colours));
        // From [-1, 1] to [0, 1].
        return control with { Data = Array.ConvertAll(control.Data, v => (v + 1) / 2) };
    }
}

/// <summary>
/// The prompts of a run: the empty one, and for each style its caption and a fixed number of its prompts with words
/// drawn for them.
/// </summary>
internal sealed class PromptTable
{
    private readonly Dictionary<string, int[]> _byStyle = [];
    private readonly List<string> _prompts = [""];

    public PromptTable(StyleBook book, IEnumerable<Style> styles, int each, int seed)
    {
        foreach (var style in styles.DistinctBy(s => s.Id))
        {
            var random = new SampleOrder(1, seed).RandomAt(book.Styles.ToList().FindIndex(s => s.Id == style.Id));
            var prompts = Enumerable.Range(0, each).Select(_ => book.Prompt(style, random)).Prepend(style.Caption);
            _byStyle[style.Id] = [.. prompts.Distinct().Select(Add)];
        }
    }

    /// <summary>All prompts; the first is empty.</summary>
    public IReadOnlyList<string> Prompts => _prompts;

    /// <summary>The number of a prompt for a picture: half of the time its style's caption.</summary>
    public int Draw(Style style, Random random)
    {
        var prompts = _byStyle[style.Id];
        return prompts.Length == 1 || random.Next(2) == 0 ? prompts[0] : prompts[random.Next(1, prompts.Length)];
    }

    /// <summary>The number of a style's caption.</summary>
    public int Caption(Style style) => _byStyle[style.Id][0];

    /// <summary>Token ids of every prompt, as numbers of a sample.</summary>
    public SamplePart[] Ids(ClipTokenizer tokenizer) => [.. _prompts.Select(tokenizer.Encode)
        .Select(ids => new SamplePart([.. ids.Select(i => (float)i)], [ids.Length]))];

    /// <summary>States of every prompt, computed once and kept on disk.</summary>
    public SamplePart[] States(ClipTokenizer tokenizer, ClipTextEncoder encoder, Device device, ContentCache cache)
    {
        using var noGrad = no_grad();
        var weights = ContentCache.HashOf(encoder);
        return [.. _prompts.Select(States)];

        SamplePart States(string prompt)
        {
            long[] ids = [.. tokenizer.Encode(prompt).Select(i => (long)i)];
            long[] shape = [ids.Length, encoder.Config.HiddenSize];
            var count = ids.Length * encoder.Config.HiddenSize;
            var key = ContentCache.KeyOf(
                [], "text states 1", weights, string.Join(' ', ids), encoder.Config.HiddenAct,
                encoder.Config.LayerNormEps.ToString("R", CultureInfo.InvariantCulture));
            if (!cache.Has(key, count))
            {
                using var scope = NewDisposeScope();
                var states = encoder.Forward(Tensor.From<long>(ids, 1, ids.Length).to(device));
                cache.Put(key, states.to(ScalarType.Float32).to(CPU).ToArray<float>());
            }
            return new(cache.Read(key, 0, count), shape);
        }
    }

    private int Add(string prompt)
    {
        if (!_prompts.Contains(prompt))
            _prompts.Add(prompt);
        return _prompts.IndexOf(prompt);
    }
}

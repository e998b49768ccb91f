using Mdfld.Generation.Dataset;

namespace Mdfld.Generation;

/// <summary>Training a generator to predict noise: latents of faces with their prompts and landmarks.</summary>
internal sealed class DiffusionJob(
    GeneratorRecipe recipe, string start, StyleBook book, GeneratorFace[] faces,
    IReadOnlyList<(string Name, GeneratorFace[] Faces)> validation, LatentStore latents, ContentCache cache)
    : TrainingJob
{
    private const int Columns = 8;

    private readonly PromptTable _prompts = new(
        book, faces.Concat(validation.SelectMany(v => v.Faces)).Select(f => f.Style),
        recipe.PromptsPerStyle, recipe.Seed);

    private readonly SampleOrder _order = new(faces.Length, recipe.Seed);

    public override string Measure => "loss";

    public override bool Validates => validation.Count > 0 || recipe.Samples > 0;

    public override int Samples => faces.Length;

    public override IReadOnlyDictionary<string, string> Properties => new Dictionary<string, string>
    {
        [TrainingCheckpoint.NameKey] = recipe.Name,
        [TrainingCheckpoint.NetworkKey] = $"generator stage {recipe.Stage}",
    };

    public override DiffusionTask MakeTask() =>
        new(recipe, DiffusionModel.Load(start), latents.FeatureShape?[0]);

    public override SampleSource Load(TrainingTask task, CancellationToken stop)
    {
        var samples = SamplesFor((DiffusionTask)task);
        return (position, _) =>
        {
            var (face, random) = (faces[_order[position]], _order.RandomAt(position));
            return () => samples.Make(face, random);
        };
    }

    public override Func<IReadOnlyList<(string Name, double Value)>>? Validator(
        TrainingTask task, Device device, CancellationToken stop)
    {
        if (validation.Count == 0)
            return null;
        var samples = SamplesFor((DiffusionTask)task);
        var random = new SampleOrder(1, ~recipe.Seed);
        var batch = Math.Max(1, recipe.Diffusion!.Batch / (recipe.Diffusion.Accumulate * recipe.Replicas));
        return () => [.. validation.Select(set => (set.Name, Mean(
            (DiffusionTask)task, set.Faces.Select((f, i) => samples.Measure(f, i, random.RandomAt(i))), batch, device)))];
    }

    /// <summary>Faces as they are cut out, with the landmarks that the control image shows.</summary>
    public override Picture Preview(Phase phase, Random random)
    {
        var framing = new FaceFraming(recipe.Size, recipe.CropFactor, recipe.CropJitter);
        return ContactSheet.Draw([.. Enumerable.Range(0, 4 * Columns).Select(_ =>
        {
            var face = faces[random.Next(faces.Length)];
            var cut = framing.Cut(FileNames.LoadPicture(face.Picture), face.Face, face.Index, random.Next(recipe.Variants));
            return new SheetCell(cut.Picture, cut.Landmarks);
        })], Columns, recipe.Size);
    }

    /// <summary>Faces of the training data generated from their caption, landmarks and fixed noise.</summary>
    public override Picture? Sheet(TrainingTask task)
    {
        if (recipe.Samples == 0)
            return null;
        var model = ((DiffusionTask)task).Model;
        if (recipe.Joint is not null)
            return new JointSheet(recipe, book, validation.Count > 0 ? validation[0].Faces : faces).Draw(model);
        var pipeline = new DiffusionPipeline(model);
        return ContactSheet.Draw([.. Enumerable.Range(0, recipe.Samples).Select(i =>
        {
            // Spread over the data: its folders, and so its styles, come one after the other.
            var face = faces[(int)((long)i * faces.Length / recipe.Samples)];
            return new SheetCell(pipeline.Generate(new PipelineRequest
            {
                Prompt = face.Style.Caption,
                Width = recipe.Size,
                Height = recipe.Size,
                Steps = 12,
                Sampler = "dpm++",
                GuidanceScale = model.ControlNet?.Config.Guidance ?? 4,
                Control = ColoursOf(model) is { } colours
                    ? ControlImage.Draw(latents.Read(face, 0).Landmarks, recipe.Size, recipe.Size, colours) : null,
                Seed = (ulong)i,
            }));
        })], Columns, recipe.Size);
    }

    private static ControlColours? ColoursOf(DiffusionModel model) =>
        model.ControlNet is { } control ? ControlColours.Of(control.Config) : null;

    private static double Mean(
        DiffusionTask task, IEnumerable<IReadOnlyList<SamplePart>> samples, int size, Device device)
    {
        using var noGrad = no_grad();
        var (sum, count) = (0.0, 0);
        foreach (var chunk in samples.Chunk(size))
        {
            using var scope = NewDisposeScope();
            var batch = Enumerable.Range(0, chunk[0].Count)
                .Select(p => PictureTensors.Stack([.. chunk.Select(s => s[p])]).to(device)).ToArray();
            sum += task.Loss(batch).ToDouble() * chunk.Length;
            count += chunk.Length;
        }
        return sum / count;
    }

    private IDiffusionSamples SamplesFor(DiffusionTask task)
    {
        var model = task.Model;
        var device = task.Network.Parameters().First().Tensor.device;
        var texts = task.ReadsIds
            ? _prompts.Ids(model.Tokenizer)
            : _prompts.States(model.Tokenizer, model.TextEncoder, device, cache);
        var schedule = new NoiseSchedule(model.Scheduler);
        return recipe.Joint is null
            ? new DiffusionSamples(
                recipe, schedule, latents, model.Autoencoder.Config, _prompts, texts, ColoursOf(model))
            : new JointSamples(
                recipe, schedule, latents, model.Autoencoder.Config, _prompts, texts, ColoursOf(model)!,
                model.UNet.Config.PhotoCondition);
    }
}

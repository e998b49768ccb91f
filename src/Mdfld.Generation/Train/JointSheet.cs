using Mdfld.Generation.Dataset;

namespace Mdfld.Generation;

/// <summary>
/// What a generator in joint training paints by now, each style in a column: the photo, the same face from its landmarks
/// alone, and, where the UNet reads one, from the photo too.
/// </summary>
internal sealed class JointSheet(GeneratorRecipe recipe, StyleBook book, GeneratorFace[] faces)
{
    private const int Columns = 9;
    private const int Steps = 12;

    public Picture Draw(DiffusionModel model)
    {
        var pipeline = new DiffusionPipeline(model);
        var framing = new FaceFraming(recipe.Size, recipe.CropFactor, recipe.CropJitter);
        var empty = new Picture(recipe.Size, recipe.Size);
        var cells = new List<SheetCell>();
        var columns = Math.Min(Columns, recipe.Samples);
        foreach (var row in book.Styles.Take(recipe.Samples).Index().Chunk(columns))
        {
            var shown = row.Select(entry =>
            {
                var face = faces[(int)((long)entry.Index * faces.Length / recipe.Samples)];
                var cut = framing.Cut(FileNames.LoadPicture(face.Picture), face.Face, face.Index, variant: 0);
                return (entry.Item, Number: entry.Index, Cut: cut);
            }).ToArray();
            Add(shown.Select(s => s.Cut.Picture), shown.Select(s => s.Item.Id));
            Add(shown.Select(s => Paint(s.Item, s.Number, s.Cut, withPhoto: false)), shown.Select(_ => "landmarks"));
            if (model.UNet.Config.PhotoCondition)
                Add(shown.Select(s => Paint(s.Item, s.Number, s.Cut, withPhoto: true)), shown.Select(_ => "and photo"));
        }
        return ContactSheet.Draw(cells, columns, recipe.Size);

        void Add(IEnumerable<Picture> pictures, IEnumerable<string> captions)
        {
            cells.AddRange(pictures.Zip(captions, (p, caption) => new SheetCell(p, Caption: caption)));
            // Whole rows, or the next one would begin beside this one.
            while (cells.Count % columns != 0)
                cells.Add(new SheetCell(empty));
        }

        Picture Paint(Style style, int number, FaceVariant cut, bool withPhoto) => pipeline.Generate(new PipelineRequest
        {
            Prompt = style.Caption,
            Width = recipe.Size,
            Height = recipe.Size,
            Steps = Steps,
            Sampler = "dpm++",
            GuidanceScale = model.ControlNet!.Config.Guidance ?? 2,
            Control = ControlImage.Draw(cut.Landmarks, recipe.Size, recipe.Size, pipeline.Colours),
            Photo = withPhoto ? cut.Picture : null,
            Seed = (ulong)number,
        });
    }
}

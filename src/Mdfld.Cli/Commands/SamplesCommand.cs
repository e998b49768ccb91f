namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld samples</c>: draws faces with known landmarks, those of samples/.</summary>
internal static class SamplesCommand
{
    public static Command Create()
    {
        var folder = SharedOptions.Out("DIR", "Folder for annotations.tsv and images/");
        var count = SharedOptions.Number("--count", "N", "Faces of each style", 1, 1, 100_000);
        var seed = SharedOptions.Seed();
        var force = SharedOptions.Force();
        var size = SharedOptions.Number("--size", "PIXELS", "Side of a picture", 512, 32, 4096);
        return new Command("samples", "Draws faces in several styles, with their landmarks.")
        {
            folder, force, count, seed, size,
        }.Does(parsed =>
        {
            if (!parsed.GetValue(force))
                CheckNoFaces(parsed.GetRequiredValue(folder));
            Draw(parsed.GetRequiredValue(folder), parsed.GetValue(count), parsed.GetValue(seed), parsed.GetValue(size));
            return 0;
        });
    }

    /// <exception cref="UsageException">The folder is a file, or holds labelled faces.</exception>
    public static void CheckNoFaces(string folder)
    {
        if (File.Exists(folder))
            throw new UsageException($"--out {folder}: this is a file, expected a folder");
        if (File.Exists(Path.Combine(folder, "annotations.tsv")))
        {
            throw new UsageException(
                $"--out {folder}: holds labelled faces already; choose another folder, or --force");
        }
    }

    private static void Draw(string folder, int count, int seed, int size)
    {
        var images = Path.Combine(folder, "images");
        Directory.CreateDirectory(images);
        var faces = new List<LabelledFace>();
        foreach (var drawing in Enum.GetValues<DrawingStyle>())
        {
            var style = drawing.ToString().ToLowerInvariant();
            for (var i = 0; i < count; i++)
            {
                var name = count == 1 ? $"{style}.png" : $"{style}-{i + 1}.png";
                var drawn = DrawnFaces.Draw(new Random((1009 * seed) + (31 * i) + (int)drawing), size, drawing);
                drawn.Picture.Save(Path.Combine(images, name));
                faces.Add(drawn.Label(name, style));
            }
        }
        MetadataFile.Write(Path.Combine(folder, "annotations.tsv"), faces);
    }
}

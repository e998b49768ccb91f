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
        var clip = SharedOptions.ChoiceOrNone(
            "--clip", $"The frames of a short video instead: {string.Join(", ", DrawnClips.Names)}", [.. DrawnClips.Names]);
        clip.HelpName = "NAME";
        var frames = SharedOptions.Number("--frames", "N", "Of a clip, 30 a second", 60, 1, 9000);
        return new Command("samples", "Draws faces in several styles, with their landmarks.")
        {
            folder, force, count, seed, size, clip, frames,
        }.Does(parsed =>
        {
            if (!parsed.GetValue(force))
                CheckNoFaces(parsed.GetRequiredValue(folder));
            if (parsed.GetValue(clip) is { } name)
                DrawClip(parsed.GetRequiredValue(folder), name, parsed.GetValue(frames));
            else
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

    /// <summary>Frames as pictures that sort in their order; faces that something hides have no label.</summary>
    private static void DrawClip(string folder, string name, int count)
    {
        var images = Directory.CreateDirectory(Path.Combine(folder, "images")).FullName;
        var faces = new List<LabelledFace>();
        foreach (var (i, frame) in DrawnClips.Draw(name, count).Index())
        {
            var file = FormattableString.Invariant($"{name}-{i:0000}.png");
            frame.Picture.Save(Path.Combine(images, file));
            faces.AddRange(frame.Faces.Where(f => !f.IsHidden)
                .Select(f => LabelledFace.FromLandmarks(file, f.Landmarks, name)));
        }
        MetadataFile.Write(Path.Combine(folder, "annotations.tsv"), faces);
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

using System.Numerics;

namespace Mdfld.Tests.Training;

/// <summary>A folder of a few labelled pictures: enough to train on, too little to learn from.</summary>
internal static class TinyFaces
{
    public static void Write(string folder, int count)
    {
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        var faces = new List<LabelledFace>();
        for (var n = 0; n < count; n++)
        {
            var random = new Random(n);
            var picture = new Picture(96, 96);
            random.NextBytes(picture.Data);
            picture.Save(Path.Combine(folder, "images", $"{n}.png"));
            Vector2[] points = [.. Enumerable.Range(0, 68).Select(i => Point(i, random))];
            faces.Add(new LabelledFace($"{n}.png", points, points[..5], 0.4f, new Vector2(48, 48)));
        }
        MetadataFile.Write(Path.Combine(folder, "annotations.tsv"), faces, header: true);
    }

    public static string Recipe(string network = "compact", int steps = 12, int size = 64, int batch = 4) => $$"""
        name: tiny
        network: {{network}}
        seed: 3
        batch: {{batch}}
        replicas: 2
        optimiser: { learning_rate: 0.001 }
        phases:
          - { steps: {{steps / 2}}, size: {{size}} }
          - { steps: {{steps - (steps / 2)}}, size: {{size}}, rate_end: 0 }
        data: [{ name: faces, repeat: 2 }]
        validation: [faces]
        validate_every: 6
        checkpoint_minutes: 0
        width: 0.125
        star: { channels: 8 }
        """;

    // Sixty-eight points on a spiral: no face, but all apart.
    private static Vector2 Point(int i, Random random)
    {
        var (sin, cos) = MathF.SinCos(i * 0.7f);
        return new Vector2(
            48 + ((10 + (i * 0.4f)) * cos) + random.NextSingle(), 48 + ((10 + (i * 0.4f)) * sin) + random.NextSingle());
    }
}

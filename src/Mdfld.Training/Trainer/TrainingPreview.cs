using System.Numerics;
using Mdfld.Training.Augmentation;

namespace Mdfld.Training;

/// <summary>What a run shows its network: a sheet of augmented faces with their points, for the eye.</summary>
public static class TrainingPreview
{
    private const int Columns = 8;
    private const int Rows = 6;

    /// <summary>Draws faces of a recipe's data as a phase varies them.</summary>
    /// <param name="recipe">Size, augmentation and seed.</param>
    /// <param name="data">The folders to take faces from, in the order of the recipe.</param>
    /// <param name="phase">Number of the phase, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The recipe has no such phase.</exception>
    public static Picture Draw(Recipe recipe, IReadOnlyList<FaceFolder> data, int phase)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(phase);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(phase, recipe.Phases.Count);
        var random = new Random(recipe.Seed);
        var part = recipe.Phases[phase];
        var faces = new List<StoredFace>();
        while (faces.Count < Columns * Rows)
        {
            // Folders in turn: a small one is as interesting to look at as a large one.
            var source = faces.Count % data.Count;
            var folder = data[source];
            var face = folder.Faces[random.Next(folder.Faces.Count)];
            var picture = Picture.Load(folder.ImagePath(face));
            faces.Add(FaceStore.Reduce(picture, face, part.Size, recipe.Augmentation.CropFactor) with
            {
                PlainProbability = recipe.Data[source].PlainProbability,
            });
        }
        return Draw(recipe, faces, data[0].Scheme, part, random);
    }

    internal static Picture Draw(
        Recipe recipe, IReadOnlyList<StoredFace> faces, LandmarkScheme scheme, Phase phase, Random random)
    {
        var shown = faces.Select(f => (f.Picture, (IReadOnlyList<Vector2>)f.Landmarks, f.Crop)).ToArray();
        var variations = recipe.VariationsOf(phase, scheme, faces);
        return VariantSheet.Draw(shown, n => variations(faces[n]), phase.Size, Columns, Rows, random, zoom: 1);
    }
}

using System.Numerics;
using Mdfld.Training.Augment;

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
        var variations = recipe.VariationsOf(phase, scheme, faces);
        var cells = new SheetCell[Columns * Rows];
        for (var n = 0; n < cells.Length; n++)
        {
            var face = faces[n % faces.Count];
            var (crop, points) = (new Picture(phase.Size, phase.Size), new Vector2[face.Landmarks.Length]);
            variations(face)(face.Picture, face.Landmarks, face.Crop, random, crop, points);
            cells[n] = new SheetCell(crop, points);
        }
        return ContactSheet.Draw(cells, Columns, phase.Size);
    }
}

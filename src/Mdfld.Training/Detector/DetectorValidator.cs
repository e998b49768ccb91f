using System.Numerics;

namespace Mdfld.Training;

/// <summary>Measures a network on folders of faces, cropped once.</summary>
internal sealed class DetectorValidator
{
    private const int Batch = 16;

    private readonly List<(string Name, Face[] Faces)> _sets;
    private readonly DetectorTask _task;
    private readonly Device _device;

    /// <param name="task">Encodes crops and finds the points; its network is given new weights by the caller.</param>
    /// <param name="folders">What to measure on.</param>
    /// <param name="size">Side of the crop.</param>
    /// <param name="cropFactor">Side of the crop / side of the tight square.</param>
    /// <param name="device">Where the network is.</param>
    /// <param name="stop">Stops reading the pictures.</param>
    public DetectorValidator(
        DetectorTask task, IEnumerable<FaceFolder> folders, int size, float cropFactor, Device device,
        CancellationToken stop)
    {
        (_task, _device) = (task, device);
        _sets = [.. folders.Select(f => (Path.GetFileName(f.Path), CropAll(f)))];

        Face[] CropAll(FaceFolder folder) =>
            ParallelMap.Select(folder.Faces, face => Crop(folder, face, size, cropFactor), stop: stop);
    }

    /// <summary>Mean NME of every set, in %.</summary>
    public IReadOnlyList<(string Name, double Value)> Measure() =>
        [.. _sets.Select(s => (s.Name, 100 * s.Faces.Chunk(Batch).SelectMany(Errors).Average()))];

    private IEnumerable<double> Errors(Face[] faces)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var shape = faces[0].Picture.Shape;
        var images = Tensor.From<float>(faces.SelectMany(f => f.Picture.Data).ToArray(), [faces.Length, .. shape])
            .to(_device);
        var units = _task.Predict(images).to(CPU).ToArray<float>();
        var points = _task.Scheme.Count;
        var size = shape[^1];
        for (var n = 0; n < faces.Length; n++)
        {
            var found = new Vector2[points];
            for (var i = 0; i < points; i++)
            {
                var u = new Vector2(units[2 * ((n * points) + i)], units[(2 * ((n * points) + i)) + 1]);
                found[i] = (((u + Vector2.One) * size) - Vector2.One) / 2;
            }
            yield return Metrics.Nme(found, faces[n].Landmarks, _task.Scheme);
        }
    }

    private Face Crop(FaceFolder folder, LabelledFace face, int size, float cropFactor)
    {
        var map = FaceCrop.FromScale(face.Scale, face.Centre, cropFactor).ToCrop(size);
        var crop = (Picture.Load(folder.ImagePath(face))).Warp(map, size, size, antialias: true);
        Vector2[] landmarks = [.. face.Landmarks.Select(map.Apply)];
        return new Face(_task.Encode(crop, landmarks)[0], landmarks);
    }

    private sealed record Face(SamplePart Picture, Vector2[] Landmarks);
}

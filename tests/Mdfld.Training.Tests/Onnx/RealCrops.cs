namespace Mdfld.Tests.Onnx;

/// <summary>Network inputs cut from the labelled pictures of ../shared/data.</summary>
internal static class RealCrops
{
    /// <summary>The first faces of a folder.</summary>
    public static IEnumerable<float[]> Take(
        string folder, int count, float factor, Func<Picture, FaceCrop, float[]> toInput)
    {
        var faces = FaceFolder.Open(TestFiles.Shared("data", folder));
        foreach (var face in faces.Faces.Take(count))
        {
            var crop = FaceCrop.FromScale(face.Scale, face.Centre, factor);
            yield return toInput(Picture.Load(faces.ImagePath(face)), crop);
        }
    }
}

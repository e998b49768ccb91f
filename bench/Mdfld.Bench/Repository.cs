namespace Mdfld.Bench;

/// <summary>The checkout this program was built in.</summary>
internal static class Repository
{
    private static readonly string Root = Find();

    /// <summary>A file of it.</summary>
    public static string File(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    /// <summary>The faces that the program drew, with their labels.</summary>
    public static (Picture Picture, LabelledFace Face)[] Samples()
    {
        var folder = FaceFolder.Open(File("samples"));
        return [.. folder.Faces.Select(face => (Picture.Load(File("samples", "images", face.ImagePath)), face))];
    }

    private static string Find()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Path.Exists(Path.Combine(folder, "Mdfld.slnx")))
                return folder;
        }
        throw new InvalidOperationException($"{AppContext.BaseDirectory} lies in no checkout of Mdfld");
    }
}

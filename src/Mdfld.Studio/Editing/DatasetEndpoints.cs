namespace Mdfld.Studio;

/// <summary>Folders of labelled faces: sheets of their faces, and the errors of a model on them.</summary>
internal static class DatasetEndpoints
{
    private const int MostMeasured = 50;

    public static void Map(IEndpointRouteBuilder routes, StudioRoom room)
    {
        var folders = new DatasetFolders(room.Root);
        routes.MapGet("/api/datasets", () => Results.Ok(new { folders = folders.Names() }));
        routes.MapGet("/api/dataset", (string folder) =>
        {
            var opened = folders.Open(folder);
            return Results.Ok(new
            {
                folder,
                points = opened.Scheme.Count,
                faces = opened.Faces.Select(f => new { picture = f.ImagePath, style = f.Style }),
            });
        });
        routes.MapGet("/api/dataset/face", async (string folder, int index, int? size, CancellationToken stop) =>
        {
            var (opened, side) = (folders.Open(folder), Math.Clamp(size ?? 160, 32, 512));
            var face = FaceAt(opened, index);
            var key = $"{folder} {index} {side} {face.Landmarks[0]} {face.Centre}";
            return Results.Bytes(
                await room.Thumbnails.Get(key, () => DatasetFolders.Cell(opened, face, side), stop), "image/jpeg");
        });
        routes.MapPost(
            "/api/dataset/measure",
            async (string folder, string? model, int from, int count, CancellationToken stop) =>
            {
                var opened = folders.Open(folder);
                var faces = opened.Faces.Skip(from).Take(Math.Clamp(count, 1, MostMeasured)).ToArray();
                var errors = await room.Detectors.Use(
                    room.ModelOf(model),
                    (detector, ended) => Array.ConvertAll(faces, face =>
                    {
                        ended.ThrowIfCancellationRequested();
                        return DatasetFolders.Error(detector, opened, face);
                    }),
                    stop);
                return Results.Ok(new { errors });
            });
    }

    private static LabelledFace FaceAt(FaceFolder folder, int index) => index >= 0 && index < folder.Faces.Count
        ? folder.Faces[index] : throw new RequestException(404, $"no face {index}; there are {folder.Faces.Count}");
}

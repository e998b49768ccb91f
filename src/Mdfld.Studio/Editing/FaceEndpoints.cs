namespace Mdfld.Studio;

/// <summary>The faces of a picture: found, changed, deleted.</summary>
internal static class FaceEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, StudioRoom room)
    {
        routes.MapGet("/api/faces", (string name) =>
        {
            room.Pictures.File(name);
            return Answer(name, room.Faces[name]);
        });
        routes.MapPost("/api/detect", (string name, string? model, CancellationToken stop) =>
            Detect(room, name, model, stop));
        routes.MapPost("/api/detect/box", (string name, string? model, FaceBox box, CancellationToken stop) =>
            DetectIn(room, name, model, box, stop));
        routes.MapPut("/api/face", async (string name, StudioFace face) =>
        {
            room.Pictures.File(name);
            var changed = await room.Faces.Put(name, face);
            return Results.Ok(new { face = changed, summary = FolderEndpoints.Summary(name, room.Faces[name]) });
        });
        routes.MapDelete("/api/face", async (string name, string id, int version) =>
        {
            room.Pictures.File(name);
            await room.Faces.Delete(name, id, version);
            return Results.Ok(new { summary = FolderEndpoints.Summary(name, room.Faces[name]) });
        });
    }

    private static IResult Answer(string name, StudioPicture picture) =>
        Results.Ok(new { faces = picture.Faces, summary = FolderEndpoints.Summary(name, picture) });

    private static async Task<IResult> Detect(StudioRoom room, string name, string? model, CancellationToken stop)
    {
        var file = room.Pictures.File(name);
        var found = await room.Detectors.Use(
            room.ModelOf(model), (detector, ended) => detector.Detect(Picture.Load(file), ended), stop);
        return Answer(name, await room.Faces.Propose(name, [.. found.Select(f => StudioFace.Of(f))]));
    }

    /// <summary>A face in a box that was drawn; it is not kept before the page puts it.</summary>
    private static async Task<IResult> DetectIn(
        StudioRoom room, string name, string? model, FaceBox box, CancellationToken stop)
    {
        if (box is not { Width: > 0 and < 1e6f, Height: > 0 and < 1e6f } || !float.IsFinite(box.Left + box.Top))
            throw new RequestException(400, "expected a box with a left, top, width and height in pixels");
        var file = room.Pictures.File(name);
        var found = await room.Detectors.Use(
            room.ModelOf(model), (detector, ended) => detector.Detect(Picture.Load(file), box, ended), stop);
        return Results.Ok(new { face = StudioFace.Of(found) with { Version = 0 } });
    }
}

namespace Mdfld.Studio;

/// <summary>The folder, its pictures, and new ones.</summary>
internal static class FolderEndpoints
{
    private const int LargestThumbnail = 512;

    public static void Map(IEndpointRouteBuilder routes, StudioRoom room)
    {
        routes.MapGet("/api/folder", () => Folder(room));
        routes.MapGet("/api/picture", (string name) => Send(room, name));
        routes.MapGet("/api/thumbnail", (string name, int? size, CancellationToken stop) =>
            Thumbnail(room, name, Math.Clamp(size ?? 160, 16, LargestThumbnail), stop));
        routes.MapPut("/api/picture", (string name, HttpRequest request, CancellationToken stop) =>
            Take(room, name, request, stop));
    }

    private static IResult Folder(StudioRoom room)
    {
        var names = room.Pictures.Names(out var refused);
        var scheme = room.Faces.Scheme;
        return Results.Ok(new
        {
            folder = Path.GetFileName(room.Root.Path),
            path = room.Root.Path,
            version = room.Settings.Version,
            models = room.Models(),
            adapt = new { problem = room.Settings.AdaptProblem, least = Adaptation.FewestFaces },
            problem = room.Faces.Problem,
            refused,
            scheme = new
            {
                count = scheme.Count,
                contours = scheme.Contours.Select(c => new { name = c.Name, indices = c.Indices, closed = c.IsClosed }),
                groups = scheme.Groups.Select(g => new { name = g.Name, indices = g.Indices }),
                mirror = scheme.MirrorPermutation,
            },
            pictures = names.Select(name => Summary(name, room.Faces[name])),
        });
    }

    /// <summary>A picture as the filmstrip shows it; what is most worth correcting has the largest error.</summary>
    internal static object Summary(string name, StudioPicture picture)
    {
        var proposed = picture.Faces.Where(f => f.State == FaceState.Proposed).ToArray();
        return new
        {
            name,
            looked = picture.Looked || picture.Faces.Count > 0,
            faces = picture.Faces.Count,
            labelled = picture.Faces.Count - proposed.Length,
            confidence = proposed.Length > 0 ? proposed.Min(f => f.Confidence) : null,
            error = proposed.Length > 0 ? Math.Round(proposed.Max(f => f.ExpectedError), 2) : 0,
            style = picture.Faces.Select(f => f.Style).FirstOrDefault(s => s is not null),
        };
    }

    private static IResult Send(StudioRoom room, string name)
    {
        var file = room.Pictures.File(name);
        var type = Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".png" => "image/png",
            ".webp" => "image/webp",
            ".gif" => "image/gif",
            ".bmp" => "image/bmp",
            _ => "image/jpeg",
        };
        return Results.File(file, type);
    }

    private static async Task<IResult> Thumbnail(StudioRoom room, string name, int size, CancellationToken stop)
    {
        var file = room.Pictures.File(name);
        var key = $"{size} {File.GetLastWriteTimeUtc(file).Ticks} {name}";
        var jpeg = await room.Thumbnails.Get(key, () => Thumbnails.Reduced(Picture.Load(file), size), stop);
        return Results.Bytes(jpeg, "image/jpeg");
    }

    /// <summary>Keeps a picture that was dropped on the page, under a name that is free.</summary>
    private static async Task<IResult> Take(StudioRoom room, string name, HttpRequest request, CancellationToken stop)
    {
        room.Pictures.Place(name);
        using var bytes = new MemoryStream();
        await request.Body.CopyToAsync(bytes, stop);
        // Whatever it is called: what is no picture is not kept.
        var picture = Picture.Load(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        var free = await room.Pictures.Add(name, bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
        return Results.Ok(new { name = free, picture.Width, picture.Height });
    }
}

using Microsoft.AspNetCore.Http.Features;

namespace Mdfld.Studio;

/// <summary>A video that was dropped on the page: some of its frames become pictures of the folder.</summary>
internal static class VideoEndpoints
{
    private const long LargestVideo = 4L << 30;

    // Neighbours show the same, and so many faces are days of work.
    private const int MostFrames = 200;

    public static void Map(IEndpointRouteBuilder routes, StudioRoom room) =>
        routes.MapPut("/api/video", (string name, HttpRequest request, CancellationToken stop) =>
            Take(room, name, request, stop));

    private static async Task<IResult> Take(StudioRoom room, string name, HttpRequest request, CancellationToken stop)
    {
        if (room.Settings.Frames is not { } decode)
            throw new RequestException(501, "this studio reads no videos");
        string NameOf(int frame) => $"{Path.ChangeExtension(name, null)}/{frame:000}.jpg";
        room.Pictures.Place(NameOf(0));
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = LargestVideo;
        var file = Path.Combine(room.Root.Path, ".mdfld", $"video-{Guid.NewGuid():N}");
        try
        {
            await using (var bytes = File.Create(file))
                await request.Body.CopyToAsync(bytes, stop);
            var names = new List<string>();
            await Task.Run(
                async () =>
                {
                    foreach (var frame in decode(file, MostFrames).Take(MostFrames))
                    {
                        stop.ThrowIfCancellationRequested();
                        names.Add(await room.Pictures.Add(NameOf(names.Count), frame.EncodeJpeg(95)));
                    }
                },
                stop);
            return Results.Ok(new { names });
        }
        finally
        {
            File.Delete(file);
        }
    }
}

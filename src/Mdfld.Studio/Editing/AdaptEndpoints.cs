namespace Mdfld.Studio;

/// <summary>A detector adapted to the labelled faces.</summary>
internal static class AdaptEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, StudioRoom room)
    {
        routes.MapGet("/api/adapt", () => Results.Ok(room.Adapting.Status));
        routes.MapPost("/api/adapt", () =>
        {
            if (room.Settings.AdaptProblem is { } problem)
                throw new RequestException(501, problem);
            var labels = room.Faces.Labels();
            if (labels.Count < Adaptation.FewestFaces)
            {
                throw new RequestException(
                    422, $"{labels.Count} labelled faces, {Adaptation.FewestFaces} are needed: correct some more");
            }
            room.Adapting.Begin(new FaceSet(room.Pictures.Path, labels), room.ModelFolder);
            return Results.Accepted(value: room.Adapting.Status);
        });
        routes.MapDelete("/api/adapt", () =>
        {
            room.Adapting.Stop();
            return Results.Ok(room.Adapting.Status);
        });
    }
}

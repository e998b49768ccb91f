using System.Numerics;
using System.Text;
using Mdfld.Cli.Detecting;
using Mdfld.Training.Star;

namespace Mdfld.Cli.Original;

/// <summary>
/// --mode test_image: every picture of a folder is a face; writes it with its points, and the points.
/// </summary>
internal static class OriginalTestImages
{
    private const int Size = StarOptions.CropSize;

    /// <summary>Works through the folder; a broken picture is logged and passed over.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(OriginalJob job, OriginalLog log, CancellationToken stop)
    {
        if (!Directory.Exists(job.Images))
            throw new UsageException($"--image_dir: {job.Images}: no such folder");
        var pictures = PictureFiles.Find([job.Images]);
        using var network = OriginalNetwork.Load(job);
        log.Info("Loaded network");
        log.Info($"Loaded data from {job.Images}: {pictures.Count} pictures");
        var target = Path.Combine(job.WorkFolder, "images");
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var failed = 0;
        foreach (var picture in pictures)
        {
            stop.ThrowIfCancellationRequested();
            var name = Path.Combine(target, Path.GetRelativePath(job.Images, picture));
            // face.png and face.jpg become two files.
            name = taken.Add(Path.ChangeExtension(name, null)) ? Path.ChangeExtension(name, null) : name;
            try
            {
                Write(picture, name, network, job.Scheme);
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                failed++;
                log.Error(ErrorText.Of(e));
            }
        }
        log.Info($"Finished inference: {pictures.Count - failed} of {pictures.Count} pictures are in {target}");
        return failed > 0 ? ExitCode.Failed : 0;
    }

    private static void Write(string picture, string name, OriginalNetwork network, LandmarkScheme scheme)
    {
        var image = Picture.Load(picture);
        // The full picture, edge to edge, whatever its shape: as an image library resizes.
        var (sx, sy) = ((double)Size / image.Width, (double)Size / image.Height);
        var toCrop = Homography.Affine(sx, 0, (sx - 1) / 2, 0, sy, (sy - 1) / 2);
        var crop = image.Warp(toCrop, Size, Size, antialias: true);
        var toPicture = toCrop.Invert();
        Vector2[] points =
            [.. network.Find(crop)[^1].Select(u => toPicture.Apply(StarCoordinates.ToPixel(u, Size)))];
        if (points.Any(p => !float.IsFinite(p.X + p.Y)))
            throw new InvalidDataException($"{picture}: the network's points are not numbers");
        var centre = new Vector2((image.Width - 1) / 2f, (image.Height - 1) / 2f);
        var face = new Landmarks(scheme, [.. points], new FaceCrop(centre, Math.Max(image.Width, image.Height)));
        var text = ResultWriter.Pts([face]);
        new Overlay().Draw(image, face);
        Directory.CreateDirectory(Path.GetDirectoryName(name)!);
        AtomicFile.Write(name + ".pts", Encoding.UTF8.GetBytes(text));
        image.Save(name + ".png");
    }
}

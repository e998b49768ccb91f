using System.Text;
using Mdfld.Cli.Detecting;

namespace Mdfld.Cli.Original;

/// <summary>--mode test: the errors on a .tsv file, measured as STAR measures them.</summary>
internal static class OriginalTest
{
    /// <summary>Measures, and logs one line for each stack of the network; the last is the network's answer.</summary>
    /// <exception cref="InvalidDataException">A picture or the network is broken.</exception>
    public static void Run(OriginalJob job, OriginalLog log, CancellationToken stop)
    {
        var faces = OriginalFaces.Read(job, job.TestFile);
        using var network = OriginalNetwork.Load(job);
        log.Begin(job);
        log.Info("Loaded network");
        faces.Announce(log);
        var size = faces.Folder.Faces.Count;
        log.Info($"Forward process, Dataset size: {size}, Batch size: 1");
        var stacks = Terminal.WithBar(size, "faces", tick => Measure(network, faces.Folder, job, tick, stop));
        log.Info("Finished inference");
        foreach (var errors in stacks)
            log.Info(Tested(errors, job.Scheme));
    }

    /// <summary>The NME of every face, stack by stack.</summary>
    public static IReadOnlyList<double[]> Measure(
        OriginalNetwork network, FaceFolder folder, OriginalJob job, Action? tick, CancellationToken stop)
    {
        var stacks = new List<double[]>();
        for (var n = 0; n < folder.Faces.Count; n++)
        {
            stop.ThrowIfCancellationRequested();
            var face = folder.Faces[n];
            var square = FaceCrop.FromScale(face.Scale, face.Centre, 1);
            if (!square.IsUsable)
                throw new InvalidDataException(
                    $"{folder.Path}: {face.ImagePath}: a scale of {face.Scale} makes no crop");
            var found = network.Find(StarPicture.Crop(folder.LoadPicture(face), square));
            var truth = Labels(face, square);
            for (var i = 0; i < found.Count; i++)
            {
                if (stacks.Count == i)
                    stacks.Add(new double[folder.Faces.Count]);
                stacks[i][n] = Error(found[i]);
            }
            tick?.Invoke();

            double Error(Vector2[] points)
            {
                try
                {
                    return Metrics.Nme(points, truth, job.Scheme, job.Normalisation);
                }
                catch (InvalidDataException e)
                {
                    throw new InvalidDataException($"{folder.Path}: {face.ImagePath}: {e.Message}", e);
                }
            }
        }
        return stacks;
    }

    /// <summary>The line of the original's log: NME, failure rate, area under the curve, as fractions.</summary>
    public static string Tested(double[] errors, LandmarkScheme scheme)
    {
        var (failures, area) = StarMetrics.FailureRateAndAuc(errors, scheme.ReferenceThreshold);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Tested alignment dataset, the Size is {errors.Length}, "
            + $"Metric: [NME {errors.Average():0.000000}, FR {failures:0.000000}, AUC {area:0.000000}]");
    }

    // The original measures in network units, against labels that end at the border of the crop.
    private static Vector2[] Labels(LabelledFace face, FaceCrop square)
    {
        var toCrop = StarPicture.CropMatrix(square);
        return [.. face.Landmarks.Select(p => StarCoordinates.ToLabel(toCrop.Apply(p), StarOptions.CropSize))];
    }
}

/// <summary>
/// --mode test_image: every picture of a folder is a face; writes it with its points, and the points.
/// </summary>
internal static class OriginalTestImages
{
    private const int Size = StarOptions.CropSize;

    /// <summary>Works through the folder; a broken picture is logged and passed over.</summary>
    public static int Run(OriginalJob job, OriginalLog log, CancellationToken stop)
    {
        if (!Directory.Exists(job.Images))
            throw new UsageException($"--image_dir: {job.Images}: no such folder");
        var pictures = PictureFiles.Find([job.Images]).Paths;
        using var network = OriginalNetwork.Load(job);
        log.Begin(job);
        log.Info("Loaded network");
        log.Info($"Loaded data from {job.Images}: {pictures.Count} pictures");
        log.Info($"Forward process, Dataset size: {pictures.Count}, Batch size: 1");
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
        var image = FileNames.LoadPicture(picture);
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

/// <summary>The faces of one of the original's .tsv files.</summary>
/// <param name="Folder">The faces, and where their pictures are.</param>
/// <param name="HasLostFace">Whether the file begins with a face, which the original takes for a header.</param>
internal sealed record OriginalFaces(FaceFolder Folder, bool HasLostFace)
{
    /// <summary>Reads a file of ANNOT_DIR/DATA_DEFINITION as the original does: its first line never counts.</summary>
    /// <exception cref="UsageException">The file, or the folder of pictures, is not there.</exception>
    /// <exception cref="InvalidDataException">
    /// A line is malformed, there is no face, or it has another number of points.
    /// </exception>
    public static OriginalFaces Read(OriginalJob job, string name)
    {
        var path = Path.Combine(job.Annotations, name);
        if (!File.Exists(path))
            throw new UsageException($"--annot_dir, --data_definition: {path}: no such file");
        if (!Directory.Exists(job.Images))
            throw new UsageException($"--image_dir: {job.Images}: no such folder");
        var faces = MetadataFile.Read(path);
        var lines = File.ReadLines(path).Count(line => !string.IsNullOrWhiteSpace(line));
        var lost = faces.Count > 0 && faces.Count == lines;
        if (lost)
            faces = [.. faces.Skip(1)];
        if (faces.Count == 0)
            throw new InvalidDataException($"{path}: no face in it; its first line counts as a header");
        if (faces[0].Landmarks.Count != job.Scheme.Count)
        {
            throw new InvalidDataException(
                $"{path}: {faces[0].Landmarks.Count} points a face, "
                + $"--data_definition {job.Data} has {job.Scheme.Count}");
        }
        return new OriginalFaces(FaceFolder.Of(path, job.Images, faces), lost);
    }

    public void Announce(OriginalLog log)
    {
        if (HasLostFace)
            log.Warn($"{Folder.Path} begins with a face instead of a header: left out, as the original leaves it out");
        log.Info($"Loaded data from {Folder.Path}");
    }
}

/// <summary>
/// The original's log: every line with time and level, on standard error and in <c>log/log.txt</c> of the run. Nothing
/// is made before the first line.
/// </summary>
internal sealed class OriginalLog(string workFolder, TextWriter error)
{
    /// <summary>What the original says first: its configuration, by name.</summary>
    public void Begin(OriginalJob job)
    {
        Info($"Loaded configure file {job.Configuration}: {Path.GetFileName(job.WorkFolder)}");
        Info("\n" + string.Join('\n', job.Settings.Select(s => $"{s.Key}: {s.Value}")));
    }

    public void Info(string text) => Write("INFO", text);

    public void Warn(string text) => Write("WARNING", text);

    public void Error(string text) => Write("ERROR", text);

    // Python's logging: %(asctime)s %(levelname)-8s: %(message)s
    private void Write(string level, string text)
    {
        var time = DateTime.Now.ToString("yyyy-MM-dd HH:mm:ss,fff", CultureInfo.InvariantCulture);
        var line = $"{time} {level,-8}: {text}";
        error.WriteLine(Terminal.Clean(line, lines: true));
        var folder = Path.Combine(workFolder, "log");
        Directory.CreateDirectory(folder);
        File.AppendAllText(Path.Combine(folder, "log.txt"), line + "\n");
    }
}

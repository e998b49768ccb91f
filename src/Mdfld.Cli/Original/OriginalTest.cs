using System.Globalization;
using System.Numerics;
using Mdfld.Training.Star;

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
        log.Info("Loaded network");
        faces.Announce(log);
        var stacks = Measure(network, faces.Folder, job, stop);
        log.Info("Finished inference");
        foreach (var errors in stacks)
            log.Info(Tested(errors, job.Scheme));
    }

    /// <summary>The NME of every face, stack by stack.</summary>
    public static IReadOnlyList<double[]> Measure(
        OriginalNetwork network, FaceFolder folder, OriginalJob job, CancellationToken stop)
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
            var found = network.Find(StarPicture.Crop(Picture.Load(folder.ImagePath(face)), square));
            var truth = Labels(face, square);
            for (var i = 0; i < found.Count; i++)
            {
                if (stacks.Count == i)
                    stacks.Add(new double[folder.Faces.Count]);
                stacks[i][n] = Error(found[i]);
            }

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

    /// <summary>Logs their source.</summary>
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
    public void Info(string text) => Write("INFO", text);

    public void Warn(string text) => Write("WARNING", text);

    public void Error(string text) => Write("ERROR", text);

    // Python's logging: %(asctime)s %(levelname)-8s: %(message)s
    private void Write(string level, string text)
    {
        var time = DateTime.Now.ToString("yyyy-MM-dd HH:mm:ss,fff", CultureInfo.InvariantCulture);
        var line = $"{time} {level,-8}: {text}";
        error.WriteLine(line);
        var folder = Path.Combine(workFolder, "log");
        Directory.CreateDirectory(folder);
        File.AppendAllText(Path.Combine(folder, "log.txt"), line + "\n");
    }
}

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

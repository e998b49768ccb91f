using TorchSharp;
using static TorchSharp.torch;

namespace Mdfld.Cli.Original;

/// <summary>A call of the original, understood: what its flags and its configuration file make of it.</summary>
internal sealed record OriginalJob
{
    /// <summary>What the original calls its file of settings.</summary>
    public required string Configuration { get; init; }

    /// <summary>Every flag with its value, given or by default, by name.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>train, test or test_image.</summary>
    public required string Mode { get; init; }

    /// <summary>Name of the data, and of its folders.</summary>
    public required string Data { get; init; }

    public required LandmarkScheme Scheme { get; init; }
    public required Normalisation Normalisation { get; init; }

    /// <summary>Folder of the pictures.</summary>
    public required string Images { get; init; }

    /// <summary>Folder of the .tsv files.</summary>
    public required string Annotations { get; init; }

    /// <summary>Name of the .tsv file of test.</summary>
    public required string TestFile { get; init; }

    /// <summary>Folder of the run: log/, and model/ or images/.</summary>
    public required string WorkFolder { get; init; }

    /// <summary>The weights; null to begin with random ones.</summary>
    public required string? Weights { get; init; }

    /// <summary>The permission to run weights that are a program.</summary>
    public CodeTrust Trust { get; init; } = new(false, TextWriter.Null);

    /// <summary>Whether the weights are the state of a run of train, which goes on in its own folder.</summary>
    public bool IsResumed => Mode == "train" && Weights is not null && Path.GetFileName(Weights) == "last.safetensors";

    public required IReadOnlyList<int> DeviceIds { get; init; }

    public required int Batch { get; init; }

    public required double LearningRate { get; init; }

    public required int Epochs { get; init; }

    public required StarLoss Loss { get; init; }

    /// <summary>The device that was asked for, or the processor where this libtorch sees no card.</summary>
    public Device Device => Mdfld.Training.Devices.Parse("auto").type == DeviceType.CPU || DeviceIds[0] < 0
        ? CPU : new Device(DeviceType.CUDA, DeviceIds[0]);

    /// <summary>Understands a command line.</summary>
    /// <exception cref="UsageException">A flag has no sense.</exception>
    public static OriginalJob Of(OriginalFlags flags)
    {
        flags.OneOf("config_name", ("alignment", 0));
        var mode = flags.OneOf("mode", ("train", "train"), ("test", "test"), ("test_image", "test_image"));
        foreach (var side in (string[])["width", "height"])
        {
            if (flags.Whole(side, 1, int.MaxValue) != StarOptions.CropSize)
                throw flags.Refuse(side, $"{StarOptions.CropSize}: STAR's network knows no other size");
        }
        foreach (var name in (string[])["train_num_workers", "val_batch_size", "val_num_workers"])
        {
            if (flags.Given(name) is not null)
                flags.Whole(name, 0, int.MaxValue);
        }
        var data = flags["data_definition"];
        // It becomes the name of a folder.
        if (data.Length == 0 || data is "." or ".." || data.AsSpan().ContainsAny('/', '\\', '\0'))
            throw flags.Refuse("data_definition", "a name");
        if (flags["test_file"].AsSpan().ContainsAny('/', '\\', '\0') || flags["test_file"].Length == 0)
            throw flags.Refuse("test_file", "the name of a file in ANNOT_DIR/DATA_DEFINITION");
        var (scheme, below) = data switch
        {
            "300W" => (LandmarkScheme.Ibug68, "300W"),
            "300VW" => (LandmarkScheme.Ibug68Video, "300VW_Dataset_2015_12_14"),
            "WFLW" => (LandmarkScheme.Wflw98, Path.Combine("WFLW", "WFLW_images")),
            "COFW" => (LandmarkScheme.Cofw29, "COFW"),
            // 68 points, and failures from 10 % on, as for everything but 300W.
            _ => (LandmarkScheme.Ibug68Video, ""),
        };
        var distance = flags.OneOf(
            "star_dist", ("smoothl1", PointDistance.SmoothL1), ("l1", PointDistance.L1), ("l2", PointDistance.L2),
            ("wing", PointDistance.Wing));
        var version = flags.OneOf("loss_func", ("STARLoss", StarLossVersion.One), ("STARLoss_v2", StarLossVersion.Two));
        if (version == StarLossVersion.Two && distance == PointDistance.Wing)
            throw new UsageException("--star_dist wing needs --loss_func STARLoss: version 2 cannot use it");
        var job = new OriginalJob
        {
            Configuration = flags["config_name"],
            Settings = flags.Values,
            Mode = mode,
            Data = data,
            Scheme = scheme,
            Normalisation = flags.OneOf(
                "norm_type", ("default", Normalisation.Default), ("ocular", Normalisation.Ocular),
                ("pupil", Normalisation.Pupil)),
            Images = Path.Combine(flags["image_dir"], below),
            Annotations = Path.Combine(flags["annot_dir"], data),
            TestFile = flags["test_file"],
            WorkFolder = Path.Combine(flags["ckpt_dir"], data, FolderName(flags, data)),
            Weights = mode == "train" ? flags.Given("pretrained_weight") : flags["pretrained_weight"],
            DeviceIds = Devices(flags),
            Batch = flags.Whole("batch_size", 1, 65536),
            LearningRate = flags.Number("learn_rate", 1e-12, 1e3),
            Epochs = flags.Whole("max_epoch", 1, 1_000_000),
            Loss = new StarLoss(version, distance, flags.Number("star_w", 0, 1e6)),
        };
        // RUN/model/last.safetensors
        return job.IsResumed
            ? job with { WorkFolder = Path.GetFullPath(Path.Combine(job.Weights!, "..", "..")) }
            : job;
    }

    /// <summary>The name the original gives to a run's folder; its last part is new each time.</summary>
    private static string FolderName(OriginalFlags flags, string data)
    {
        var (loss, rate) = (flags["loss_func"], flags.Number("learn_rate", 1e-12, 1e3));
        var star = loss == "STARLoss"
            ? string.Create(CultureInfo.InvariantCulture, $"_{flags["star_dist"]}_{flags.Number("star_w", 0, 1e6)}")
            : "";
        var text = rate.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
        return $"{data}_256x256_adam_ep{flags["max_epoch"]}_lr{text}_bs{flags["batch_size"]}_{loss}{star}_AAM_"
            + Guid.NewGuid();
    }

    private static int[] Devices(OriginalFlags flags)
    {
        var ids = new List<int>();
        foreach (var part in flags["device_ids"].Split(','))
        {
            if (!int.TryParse(part.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id)
                || id is < -1 or > 1024)
                throw flags.Refuse("device_ids", "numbers such as -1 or 0,1");
            ids.Add(id);
        }
        return [.. ids];
    }
}

using System.Text.Json;
using FsCheck;
using FsCheck.Xunit;
using Mdfld.Cli;
using Mdfld.Cli.Original;

namespace Mdfld.Tests.Original;

public sealed class OriginalFlagsTests
{
    [Fact]
    public void FlagsNotGivenHaveTheOriginalsValues()
    {
        var flags = OriginalFlags.Parse([]);
        Assert.Equal("test_image", flags["mode"]);
        Assert.Equal("./dataset/meta", flags["annot_dir"]);
        Assert.Null(flags.Given("pretrained_weight"));
        var job = OriginalJob.Of(flags);
        Assert.Equal(LandmarkScheme.Ibug68Video, job.Scheme);
        Assert.EndsWith("best_model.pkl", job.Weights);
    }

    [Theory]
    [InlineData("mode", "test", "--mode=test")]
    [InlineData("mode", "test", "--mode", "test")]
    [InlineData("mode", "test", "--mode=train", "--mode", "test")]
    [InlineData("mode", "test", "--mo", "test")]
    [InlineData("batch_size", "4", "--b=4")]
    [InlineData("device_ids", "-1", "--device_ids", "-1")]
    [InlineData("image_dir", "a=b", "--image_dir=a=b")]
    [InlineData("image_dir", "", "--image_dir=")]
    [InlineData("star_w", "-2.5e-3", "--star_w", "-2.5e-3")]
    public void TheyAreReadAsPythonReadsThem(string name, string value, params string[] arguments) =>
        Assert.Equal(value, OriginalFlags.Parse(arguments)[name]);

    [Theory]
    [InlineData("--absent=1", "no flag --absent; it has --mode, --config_name,")]
    [InlineData("--star", "--star_w or --star_dist")]
    [InlineData("--mode", "--mode lacks its value")]
    [InlineData("picture.png", "'picture.png' is no flag; expected --mode,")]
    [InlineData("-1", "'-1' is no flag")]
    [InlineData("--", "'--' is no flag")]
    [InlineData("--=1", "no flag --;")]
    public void WhatTheOriginalDoesNotHaveIsRefused(string argument, string message) =>
        Assert.Contains(message, Assert.Throws<UsageException>(() => OriginalFlags.Parse([argument])).Message);

    [Theory]
    [InlineData("--mode=eval", "expected train, test, test_image")]
    [InlineData("--config_name=other", "expected alignment")]
    [InlineData("--width=128", "expected 256")]
    [InlineData("--height=0", "expected a whole number")]
    [InlineData("--device_ids=gpu", "expected numbers such as")]
    [InlineData("--device_ids=0,", "expected numbers such as")]
    [InlineData("--norm_type=eyes", "expected default, ocular, pupil")]
    [InlineData("--learn_rate=fast", "expected a number")]
    [InlineData("--learn_rate=NaN", "expected a number")]
    [InlineData("--batch_size=0", "expected a whole number from 1")]
    [InlineData("--val_num_workers=-1", "expected a whole number from 0")]
    [InlineData("--loss_func=AWingLoss", "expected STARLoss, STARLoss_v2")]
    [InlineData("--star_dist=wing", "needs --loss_func STARLoss")]
    [InlineData("--data_definition=../x", "expected a name")]
    [InlineData("--data_definition=", "expected a name")]
    [InlineData("--test_file=../../etc/passwd", "expected the name of a file")]
    public void AValueWithoutSenseIsRefused(string argument, string message) =>
        Assert.Contains(
            message, Assert.Throws<UsageException>(() => OriginalJob.Of(OriginalFlags.Parse([argument]))).Message);

    [Theory]
    [InlineData("300W", "I/300W", "300W")]
    [InlineData("300VW", "I/300VW_Dataset_2015_12_14", "300VW")]
    [InlineData("WFLW", "I/WFLW/WFLW_images", "WFLW")]
    [InlineData("COFW", "I/COFW", "COFW")]
    [InlineData("cartoon_dataset_400_v2", "I/", "300VW")]
    [InlineData("300w", "I/", "300VW")]
    public void FoldersAreTheOriginals(string data, string images, string scheme)
    {
        var job = OriginalJob.Of(OriginalFlags.Parse(
            ["--image_dir=I", "--annot_dir=A", "--ckpt_dir=C", $"--data_definition={data}", "--batch_size=8"]));
        Assert.Equal(images.TrimEnd('/'), job.Images.TrimEnd('/'));
        Assert.Equal(Path.Combine("A", data), job.Annotations);
        Assert.Equal(scheme, job.Scheme.Name);
        Assert.StartsWith($"C/{data}/{data}_256x256_adam_ep300_lr0.001_bs8_STARLoss_v2_AAM_", job.WorkFolder);
    }

    [Fact]
    public void TrainingIsTheOriginals()
    {
        var job = OriginalJob.Of(OriginalFlags.Parse(
            ["--mode=train", "--batch_size=32", "--learn_rate=1e-4", "--loss_func=STARLoss", "--star_dist=wing",
             "--star_w=0.5", "--max_epoch=500", "--device_ids=-1"]));
        Assert.Null(job.Weights);
        var recipe = OriginalTrain.Recipe(job, faces: 100);
        Assert.Equal(
            [(800, 1.0), (600, 0.1), (400, 0.01), (200, 0.001)],
            recipe.Phases.Select(p => (p.Steps, Math.Round(p.Rate, 9))));
        using var facts = JsonDocument.Parse(File.ReadAllBytes(TestFiles.Golden("adam_ema.json")));
        foreach (var entry in facts.RootElement.GetProperty("learning_rate_from_epoch").EnumerateArray())
        {
            // The original begins with 1e-3.
            var (epoch, rate) = (entry[0].GetInt32(), entry[1].GetDouble() / 10);
            Assert.Equal(rate, recipe.RateAt(4 * (epoch - 1)), 1e-9 * rate);
            if (epoch > 1)
                Assert.Equal(10 * rate, recipe.RateAt((4 * (epoch - 1)) - 1), 1e-8 * rate);
        }
        Assert.Equal((32, 4, 1), (recipe.Batch, recipe.ValidateEvery, recipe.Replicas));
        Assert.Equal((1e-4, 0.0), (recipe.Optimiser.LearningRate, recipe.Optimiser.Clip));
        Assert.Equal(Math.Pow(0.5, 32 / 10000.0), recipe.Average);
        Assert.Equal((256, 0.5, true), (recipe.Star.Channels, recipe.Star.Weight, recipe.Star.OriginalAugmentation));
        Assert.Equal(
            (Mdfld.Training.StarLossVersion.One, Mdfld.Training.PointDistance.Wing),
            (recipe.Star.Version, recipe.Star.Distance));
        Assert.Equal(1, recipe.Augmentation.CropFactor);
    }

    [Property]
    public void ValuesComeThroughUnchanged(PositiveInt which, NonNull<string> value, bool joined)
    {
        var flag = OriginalFlags.All[which.Get % OriginalFlags.All.Count];
        if (!joined && value.Get.StartsWith('-'))
            return;
        string[] arguments = joined ? [$"--{flag.Name}={value.Get}"] : [$"--{flag.Name}", value.Get];
        Assert.Equal(value.Get, OriginalFlags.Parse(arguments)[flag.Name]);
    }

    [Property(MaxTest = 500)]
    public void NonsenseIsABadCallAndNothingElse(NonNull<string>[] parts, PositiveInt[] names)
    {
        var flags = names.Select(n => OriginalFlags.All[n.Get % OriginalFlags.All.Count].Name).ToArray();
        var arguments = parts.Select((p, i) => i < flags.Length ? $"--{flags[i]}={p.Get}" : p.Get).ToArray();
        try
        {
            OriginalJob.Of(OriginalFlags.Parse(arguments));
        }
        catch (UsageException)
        {
            // What a bad call should give.
        }
    }
}

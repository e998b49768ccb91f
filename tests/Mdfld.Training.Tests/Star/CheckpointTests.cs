using Mdfld.Training;
using Mdfld.Training.Weights;

namespace Mdfld.Tests.Star;

/// <summary>The original's checkpoints become networks, every key accounted for.</summary>
public sealed class CheckpointTests
{
    [Theory]
    [InlineData("star_tiny.pkl", "net", "final_landmarks")]
    [InlineData("star_tiny.pkl", "net_ema", "final_landmarks_net_ema")]
    [InlineData("star_tiny_legacy.pkl", "net", "final_landmarks")]
    [InlineData("star_tiny.safetensors", "net", "final_landmarks")]
    public void NetworksOfTheOriginalAreLoadedAndFindItsLandmarks(string file, string entry, string expected)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var network = StarCheckpoint.Load(TestFiles.Golden(file), entry);
        Assert.Equal(new StarOptions(LandmarkScheme.Ibug68, 12, 4, 4), network.Options);
        Assert.False(network.Training);
        var landmarks = network.Forward(StarGolden.TinyInput())[^1].Landmarks;
        var golden = GoldenTensors.Open("star_tiny_io.safetensors").Floats(expected);
        Near.AssertWithin(1e-4, golden, landmarks.ToArray<float>(), expected);
    }

    [Fact]
    public void ANarrowNetworkIsTheSizeItsFileSays()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var options = new StarOptions(LandmarkScheme.Ibug68, Channels: 8, Stacks: 2, StemChannels: 3);
        using var network = new StarNetwork(options);
        network.Eval();
        var path = Path.Combine(folder.Path, "narrow.safetensors");
        SafeTensors.Write(path, network.StateDict());

        using var loaded = StarCheckpoint.Load(path);
        Assert.Equal(options, loaded.Options);
        var images = StarGolden.TinyInput();
        Assert.Equal(
            network.Forward(images)[^1].Landmarks.ToArray<float>(), loaded.Forward(images)[^1].Landmarks.ToArray<float>());
    }

    [Fact]
    public void AFileWithoutTheAverageSaysWhatItHas()
    {
        var error = Assert.Throws<InvalidDataException>(
            () => StarCheckpoint.Load(TestFiles.Golden("star_tiny_legacy.pkl"), TrainingCheckpoint.Average));
        Assert.Contains("net_ema", error.Message);
        Assert.Contains("star_tiny_legacy.pkl", error.Message);
    }

    [Fact]
    public void AnotherFileIsNoCheckpointOfStar()
    {
        var error = Assert.Throws<InvalidDataException>(
            () => StarCheckpoint.Load(TestFiles.Golden("losses.safetensors")));
        Assert.Contains("losses.safetensors", error.Message);
    }
}

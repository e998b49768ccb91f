using Mdfld.Tests.Detection;

namespace Mdfld.Tests.Cli;

/// <summary>--device: names, and providers that this ONNX Runtime does not have.</summary>
public sealed class DeviceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DeviceTests()
    {
        File.WriteAllBytes(_folder["tiny.onnx"], TinyModels.Means());
        new Picture(40, 40).Save(_folder["black.png"]);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cpu:1")]
    [InlineData("coreml:0")]
    public async Task AnotherNameIsABadCall(string device)
    {
        string[][] calls =
        [
            ["detect", _folder["black.png"]], ["evaluate", "--data", _folder.Path],
            ["label", _folder["black.png"], "--out", _folder["out"]],
            ["calibrate", "compact", "--data", _folder.Path, "--out", _folder["out.onnx"]],
        ];
        foreach (var call in calls)
            (await CliRun.Of([.. call, "--device", device])).AssertBadCall($"--device '{device}': expected cpu|cuda");
        Assert.Throws<ArgumentException>(
            () => LandmarkDetector.Load(_folder["tiny.onnx"], new DetectorOptions { Device = device }));
    }

    [Theory]
    [InlineData("cuda", "Microsoft.ML.OnnxRuntime.Gpu")]
    [InlineData("cuda:1", "Microsoft.ML.OnnxRuntime.Gpu")]
    [InlineData("directml", "Microsoft.ML.OnnxRuntime.DirectML")]
    public async Task AMissingProviderNamesItsPackage(string device, string package)
    {
        var run = await CliRun.Of(
            "detect", _folder["black.png"], "--boxes", "whole", "--model", _folder["tiny.onnx"], "--device", device);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"mdfld: device '{device}': ", run.Error);
        Assert.Contains($"add the package {package} in place of", run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("CPU")]
    public async Task TheProcessorIsAlwaysThere(string device)
    {
        var run = await CliRun.Of(
            "detect", _folder["black.png"], "--boxes", "whole", "--model", _folder["tiny.onnx"], "--device", device,
            "-q");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
    }
}

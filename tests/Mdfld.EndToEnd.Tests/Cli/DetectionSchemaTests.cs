using System.Text.Json.Nodes;

namespace Mdfld.Tests.Cli;

/// <summary>What the program writes is what docs/detection.schema.json says.</summary>
public sealed class DetectionSchemaTests
{
    private static readonly string[] Removed =
        ["version", "image", "width", "height", "model", "faces", "score", "confidence", "box", "landmarks", "scheme"];

    [Fact]
    public async Task RealOutputIsOfTheSchema()
    {
        var pictures = await Output();
        Assert.Equal(7, pictures.Length);
        Assert.All(pictures, picture => Assert.Empty(Schema().Errors(picture)));
        Assert.Contains(pictures, picture => picture["faces"]!.AsArray().Count > 0);
    }

    /// <summary>The schema tells right from wrong: each of these changes breaks it.</summary>
    [Fact]
    public async Task WhatIsNotOfTheSchemaIsNoticed()
    {
        var good = (await Output()).First(picture => picture["faces"]!.AsArray().Count > 0);
        foreach (var name in Removed)
        {
            var bad = good.DeepClone();
            var holder = bad.AsObject().ContainsKey(name) ? bad : bad["faces"]![0]!;
            Assert.True(holder.AsObject().Remove(name));
            Assert.NotEmpty(Schema().Errors(bad));
        }
        AssertBad(good, p => p["version"] = JsonNode.Parse("2"));
        AssertBad(good, p => p["width"] = JsonNode.Parse("0.5"));
        AssertBad(good, p => p["faces"]![0]!["confidence"] = JsonNode.Parse("1.5"));
        AssertBad(good, p => p["faces"]![0]!["scheme"] = 3);
        AssertBad(good, p => p["faces"]![0]!["landmarks"]![3] = JsonNode.Parse("[1, 2, 3]"));
        AssertBad(good, p => p["faces"]![0]!["box"]!["width"] = "wide");
        AssertBad(good, p => p["faces"]![0]!["pose"]!.AsObject().Remove("yaw"));
        AssertBad(good, p => p["faces"]![0]!["expression"]!["jawOpen"] = JsonNode.Parse("1.5"));
    }

    private static void AssertBad(JsonNode good, Action<JsonNode> change)
    {
        var bad = good.DeepClone();
        change(bad);
        Assert.NotEmpty(Schema().Errors(bad));
    }

    private static SmallSchema Schema() => new(
        JsonNode.Parse(File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "docs", "detection.schema.json")))!);

    private static async Task<JsonNode[]> Output()
    {
        var samples = Path.Combine(TestFiles.RepositoryRoot, "samples");
        var run = await CliRun.Of("detect", samples, "--boxes", "whole", "--quiet");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return [.. JsonNode.Parse(run.Output)!.AsArray().Select(p => p!)];
    }
}

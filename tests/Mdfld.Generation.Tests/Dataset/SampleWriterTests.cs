using System.Security.Cryptography;
using Mdfld.Generation.Dataset;

namespace Mdfld.Tests.Generation.Dataset;

/// <summary>A data set's files while it grows, and when it is done.</summary>
public sealed class SampleWriterTests : IDisposable
{
    private static readonly StyleBook Book = StyleBook.Default();
    private static readonly DatasetShard Shard = new(Book.Select("oil,pencil"), 2);

    private static readonly DatasetSettings Settings = new()
    {
        Engine = "stylize",
        Seed = 1,
        StylesSha256 = "",
        Landmarks = 1,
        LandmarksSha256 = "",
        Check = "nme",
        CheckModel = "compact",
        CheckThreshold = 12,
        Attempts = 1,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WhatIsThereCanBeUsedWhileTheRestIsMade()
    {
        using var writer = Open("set");
        Add(writer, "oil", 0);
        Add(writer, "pencil", 0);
        writer.ShowProgress(Settings, Book);

        Assert.Equal(["oil/00000.png", "pencil/00000.png"], Labelled("set"));
        Assert.Contains("2 of 4 samples", Card("set"));
        Assert.Equal(2, FaceFolder.Open(_folder["set"]).Faces.Count);
        var oil = Picture.Load(_folder["set", "sheets", "oil.png"]);
        Assert.False(File.Exists(_folder["set", SampleWriter.Records]));
        Assert.Equal(2, writer.Complete(Settings, Book).Missing);

        Add(writer, "oil", 1);
        writer.ShowProgress(Settings, Book);
        Assert.Equal(3, Labelled("set").Length);
        Assert.True(Picture.Load(_folder["set", "sheets", "oil.png"]).Width > oil.Width);
    }

    [Fact]
    public void AShardWithoutSamplesShowsNothing()
    {
        using var writer = Open("set");
        Assert.Equal(4, writer.Complete(Settings, Book).Missing);
        Assert.False(File.Exists(_folder["set", SampleWriter.Card]));
    }

    [Fact]
    public void ASetThatWasShownOnItsWayIsTheSameInTheEnd()
    {
        foreach (var (name, isShown) in new[] { ("shown", true), ("whole", false) })
        {
            using var writer = Open(name);
            foreach (var (style, index) in Shard.Samples())
            {
                Add(writer, style.Id, index);
                if (isShown)
                    writer.ShowProgress(Settings, Book);
            }
            Assert.Equal(0, writer.Complete(Settings, Book).Missing);
        }
        var files = Files("whole");
        Assert.Contains(SampleWriter.Records, files);
        Assert.Equal(files, Files("shown"));
        Assert.All(files, f => Assert.Equal(File.ReadAllBytes(_folder["whole", f]), File.ReadAllBytes(_folder["shown", f])));
        Assert.DoesNotContain("still being made", Card("whole"));
    }

    private SampleWriter Open(string name) => SampleWriter.Open(_folder[name], Settings, Shard, resume: false);

    private static void Add(SampleWriter writer, string style, int index)
    {
        var picture = new Picture(256, 256);
        picture.Row(index).Fill(255);
        var png = picture.EncodePng();
        writer.Add(
            new SampleRecord
            {
                Style = style,
                Index = index,
                Picture = $"{style}/{index:00000}.png",
                Sha256 = Convert.ToHexStringLower(SHA256.HashData(png)),
                Attempt = 0,
                Seed = index,
                Prompt = "",
                Engine = "stylize",
                Source = "a.png",
                Checks = [new CheckResult(1, 12, null, 0, 0)],
                Landmarks = [.. Enumerable.Range(0, 136).Select(i => 60f + i)],
            },
            png);
    }

    private string[] Labelled(string name) =>
        [.. MetadataFile.Read(_folder[name, SampleWriter.Annotations]).Select(f => f.ImagePath)];

    private string Card(string name) => File.ReadAllText(_folder[name, SampleWriter.Card]);

    private string[] Files(string name) =>
        [.. Directory.GetFiles(_folder[name], "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(_folder[name], f)).Order(StringComparer.Ordinal)];
}

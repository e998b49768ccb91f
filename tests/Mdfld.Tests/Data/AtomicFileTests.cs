namespace Mdfld.Tests.Data;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AReaderNeverMeetsTheWriter()
    {
        var path = _folder["file"];
        AtomicFile.Write(path, new byte[10]);
        var writer = Task.Run(() =>
        {
            for (var i = 0; i < 200; i++)
                AtomicFile.Write(path, new byte[10]);
        });
        while (!writer.IsCompleted)
            Assert.Equal(10, File.ReadAllBytes(path).Length);
        await writer;
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void WhatAKilledRunLeftIsTakenOver()
    {
        File.WriteAllText(_folder["file.json.tmp"], "half of a longer tex");
        AtomicFile.Write(_folder["file.json"], "whole"u8.ToArray());

        Assert.Equal("whole", File.ReadAllText(_folder["file.json"]));
        Assert.Equal([_folder["file.json"]], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void AFailureLeavesTheFormerFile()
    {
        AtomicFile.Write(_folder["file"], "former"u8.ToArray());
        Assert.Throws<IOException>(() => AtomicFile.Write(_folder["file"], stream =>
        {
            stream.Write("new"u8);
            throw new IOException("full");
        }));

        Assert.Equal("former", File.ReadAllText(_folder["file"]));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void ALinkIsNeverWrittenThrough()
    {
        if (OperatingSystem.IsWindows())
            return;
        File.WriteAllText(_folder["other"], "other's");
        foreach (var name in (string[])["file", "file.tmp"])
            File.CreateSymbolicLink(_folder[name], _folder["other"]);
        AtomicFile.Write(_folder["file"], "own"u8.ToArray());

        Assert.Equal("other's", File.ReadAllText(_folder["other"]));
        Assert.Equal("own", File.ReadAllText(_folder["file"]));
        Assert.Null(new FileInfo(_folder["file"]).LinkTarget);
        Assert.False(File.Exists(_folder["file.tmp"]));
    }

    [Fact]
    public void TwoWritersDoNotMeet()
    {
        AtomicFile.Write(_folder["file"], outer =>
        {
            AtomicFile.Write(_folder["file"], "inner"u8.ToArray());
            outer.Write("outer"u8);
        });

        Assert.Equal("outer", File.ReadAllText(_folder["file"]));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void ManyWritersEachWriteAll()
    {
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, writer =>
        {
            for (var i = 0; i < 60; i++)
                AtomicFile.Write(_folder["file"], new byte[64]);
        });

        Assert.Equal(64, new FileInfo(_folder["file"]).Length);
        Assert.Single(Directory.GetFiles(_folder.Path));
    }
}

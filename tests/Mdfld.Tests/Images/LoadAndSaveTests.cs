namespace Mdfld.Tests.Images;

public sealed class LoadAndSaveTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mdfld-images-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("a.png")]
    [InlineData("b.PNG")]
    [InlineData("c.jpg")]
    [InlineData("d.jpeg")]
    [InlineData("e.webp")]
    public void SavedFilesAreReadBackAndLeaveNothingBeside(string name)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, "replaced");
        var picture = Pictures.Smooth(31, 17);
        picture.Save(path);
        Pictures.AssertClose(picture, Picture.Load(path), name[0] switch
        {
            'a' or 'b' => 0,
            'e' => 16,
            _ => 4,
        });
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void AFailedSaveLeavesNothing()
    {
        var occupied = Path.Combine(_folder, "folder.png");
        Directory.CreateDirectory(occupied);
        Assert.ThrowsAny<Exception>(() => Pictures.Smooth(4, 4).Save(occupied));
        Assert.Empty(Directory.GetFiles(_folder));
        Assert.Throws<ArgumentException>(() => Pictures.Smooth(4, 4).Save(Path.Combine(_folder, "x.gif")));
        Assert.Throws<ArgumentException>(() => Pictures.Smooth(4, 4).Save(Path.Combine(_folder, "noending")));
    }

    [Fact]
    public void TheNameDoesNotMatterForReading()
    {
        var path = Path.Combine(_folder, "really-a-png.jpg");
        var picture = Pictures.Noise(9, 9, 1);
        File.WriteAllBytes(path, picture.EncodePng());
        Assert.Equal(picture.Data, Picture.Load(path).Data);
    }

    [Theory]
    [InlineData("", "an empty file")]
    [InlineData("49492A00080000000000", "a TIFF")]
    [InlineData("424D20697320612074657874", "something else")]
    [InlineData("00000020667479706176696600", "an AVIF")]
    [InlineData("3C68746D6C3E", "HTML")]
    [InlineData("FFD8", "something else that starts with FFD8")]
    public void OtherFilesAreRefusedWithNameAndContent(string hex, string found)
    {
        var path = Path.Combine(_folder, "face.jpg");
        File.WriteAllBytes(path, Convert.FromHexString(hex));
        var error = Assert.Throws<InvalidDataException>(() => Picture.Load(path));
        Assert.StartsWith(path, error.Message);
        Assert.Contains("expected a JPEG, PNG, WebP, GIF or BMP", error.Message);
        Assert.Contains(found, error.Message);
    }

    [Fact]
    public void AMissingFileIsMissing() =>
        Assert.Throws<FileNotFoundException>(() => Picture.Load(Path.Combine(_folder, "none.png")));

    [Fact]
    public void StreamsThatSeekAndThatDoNot()
    {
        var picture = Pictures.Noise(20, 10, 2);
        byte[] file = [1, 2, 3, .. picture.EncodePng()];
        using var seekable = new MemoryStream(file) { Position = 3 };
        Assert.Equal(picture.Data, Picture.Load(seekable).Data);
        using var inner = new MemoryStream(file, 3, file.Length - 3);
        using var forward = new ForwardOnly(inner);
        Assert.Equal(picture.Data, Picture.Load(forward).Data);
    }

    [Fact]
    public void AStreamWithoutEndIsLeftEarly()
    {
        var endless = new ForwardOnly(new MemoryStream([0xFF, 0xD8, 0xFF])) { Endless = true };
        var error = Assert.Throws<InvalidDataException>(() => Picture.Load(endless, maxPixels: 1000));
        Assert.Contains("longer than", error.Message);
        Assert.InRange(endless.Given, 16 << 20, 18 << 20);
    }

    [Fact]
    public void WhatIsNoPictureIsNotReadToItsEnd()
    {
        var endless = new ForwardOnly(new MemoryStream("II*\0"u8.ToArray())) { Endless = true };
        Assert.Contains("a TIFF", Assert.Throws<InvalidDataException>(() => Picture.Load(endless)).Message);
        Assert.Equal(12, endless.Given);
    }

    [Fact]
    public void AFileTooLongForMemoryIsRefusedAtOnce()
    {
        var path = Path.Combine(_folder, "long.jpg");
        using (var file = File.Create(path))
        {
            file.Write([0xFF, 0xD8, 0xFF]);
            // Nothing but a hole: it takes no disk.
            file.SetLength(3_000_000_000);
        }
        var error = Assert.Throws<InvalidDataException>(() => Picture.Load(path, maxPixels: long.MaxValue));
        Assert.StartsWith($"{path}: longer than {Array.MaxLength} bytes", error.Message);
        Assert.Contains("raise maxPixels", Assert.Throws<InvalidDataException>(() => Picture.Load(path)).Message);
    }

    [Fact]
    public void TheLimitIsTheCallers()
    {
        var picture = Pictures.Noise(10, 10, 3);
        foreach (var file in new[] { picture.EncodePng(), picture.EncodeJpeg(), Pictures.WebpLossless(picture) })
        {
            Assert.Equal(10, Picture.Load(file, maxPixels: 100).Width);
            var error = Assert.Throws<InvalidDataException>(() => Picture.Load(file, maxPixels: 99));
            Assert.Contains("10 x 10 pixels, expected at most 99", error.Message);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => Picture.Load(picture.EncodePng(), maxPixels: 0));
    }

    [Fact]
    public async Task AsynchronousStreamsAreReadAsynchronously()
    {
        var picture = Pictures.Noise(300, 200, 4);
        var body = new ForwardOnly(new MemoryStream(picture.EncodePng())) { IsAsynchronous = true };
        Assert.Equal(picture.Data.ToArray(), (await Picture.LoadAsync(body)).Data.ToArray());

        var path = Path.Combine(_folder, "a.png");
        picture.Save(path);
        Assert.Equal(picture.Data.ToArray(), (await Picture.LoadAsync(path)).Data.ToArray());
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Picture.LoadAsync(path, maxPixels: 100));
        Assert.StartsWith($"{path}: the file claims 300 x 200", error.Message);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Picture.LoadAsync(path, stop: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void AnOpenedPictureIsDecodedWhenItsPixelsAreAskedFor()
    {
        var picture = Pictures.Noise(40, 30, 5);
        var path = Path.Combine(_folder, "a.png");
        var png = picture.EncodePng();
        File.WriteAllBytes(path, png);
        var opened = Picture.Open(path);
        File.Delete(path);
        Assert.Equal((40, 30), (opened.Width, opened.Height));
        Assert.Equal(picture.Data, opened.Data);
        opened.Data[7] ^= 1;
        Assert.Equal(picture.Data[7] ^ 1, opened.Clone().Data[7]);

        png[png.Length / 2] ^= 1;
        var broken = Picture.Open(new MemoryStream(png));
        Assert.Equal(40, broken.Width);
        Assert.Throws<InvalidDataException>(() => broken.Data.Length);
        Assert.Throws<InvalidDataException>(() => Picture.Open(new MemoryStream(png), maxPixels: 1199));
    }

    /// <summary>A pipe: read once, length unknown, where endless zeros may follow.</summary>
    private sealed class ForwardOnly(Stream inner) : Stream
    {
        public bool Endless { get; init; }

        public bool IsAsynchronous { get; init; }

        public long Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            Assert.False(IsAsynchronous, "a synchronous read");
            return ReadSome(buffer, offset, count);
        }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            var bytes = new byte[buffer.Length];
            var read = ReadSome(bytes, 0, bytes.Length);
            bytes.AsMemory(0, read).CopyTo(buffer);
            return read;
        }

        private int ReadSome(byte[] buffer, int offset, int count)
        {
            // A few bytes at a time, as pipes do.
            var read = inner.Read(buffer, offset, Math.Min(count, 7));
            if (read == 0 && Endless)
            {
                buffer.AsSpan(offset, count).Clear();
                read = count;
            }
            Given += read;
            return read;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

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
    public void SavedFilesAreReadBackAndLeaveNothingBeside(string name)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, "replaced");
        var picture = Pictures.Smooth(31, 17);
        picture.Save(path);
        Pictures.AssertClose(picture, Picture.Load(path), name.EndsWith('g') && name[0] > 'b' ? 4 : 0);
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
    [InlineData("474946383961", "a GIF")]
    [InlineData("00000020667479706176696600", "an AVIF")]
    [InlineData("3C68746D6C3E", "HTML")]
    [InlineData("FFD8", "something else that starts with FFD8")]
    public void OtherFilesAreRefusedWithNameAndContent(string hex, string found)
    {
        var path = Path.Combine(_folder, "face.jpg");
        File.WriteAllBytes(path, Convert.FromHexString(hex));
        var error = Assert.Throws<InvalidDataException>(() => Picture.Load(path));
        Assert.StartsWith(path, error.Message);
        Assert.Contains("expected a JPEG, PNG or WebP", error.Message);
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
        var endless = new ForwardOnly(new MemoryStream("GIF89a"u8.ToArray())) { Endless = true };
        Assert.Contains("a GIF", Assert.Throws<InvalidDataException>(() => Picture.Load(endless)).Message);
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
    public void AMissingLibraryIsNamedWithItsPackage()
    {
        var error = NativeCodecs.Missing("webp", ["x.so"], ["libwebp7", "b", "c"]);
        Assert.Contains("apt-get install libwebp7", error.Message);
        Assert.Equal(IntPtr.Zero, NativeCodecs.Resolve("another", typeof(Picture).Assembly, null));
        Assert.NotEqual(IntPtr.Zero, NativeCodecs.Resolve("png16", typeof(Picture).Assembly, null));
    }

    /// <summary>A pipe: read once, length unknown, where endless zeros may follow.</summary>
    private sealed class ForwardOnly(Stream inner) : Stream
    {
        public bool Endless { get; init; }

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

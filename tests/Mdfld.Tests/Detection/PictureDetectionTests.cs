using System.Diagnostics.Metrics;
using System.Numerics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mdfld.Tests.Detection;

/// <summary>A detector with a finder: whole pictures, streams of them, and what is told of the work.</summary>
public sealed class PictureDetectionTests : IDisposable
{
    private static readonly PointCovariance Spread = new(0.04f, 0, 0.01f);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EveryFaceIsFoundOnceAndItsPointsAreItsOwn()
    {
        using var detector = Load();
        Vector2[] places = [new(30, 40), new(120, 60), new(80, 140)];
        var found = detector.Detect(Spots(170, 170, places));
        Assert.Equal(3, found.Length);
        foreach (var place in places)
            Assert.Contains(found, f => Vector2.Distance(f.Box.Centre, place) < 1.5f);
        Assert.All(found, f => Assert.Equal(f.Score, f.Confidence));
        Assert.All(found, f => Assert.InRange(f.Score, 0.5f, 1));
        Assert.Empty(detector.Detect(new Picture(60, 60)));
    }

    /// <summary>
    /// A large JPEG is decoded no larger than finder and crops need; what is found is of the full picture.
    /// </summary>
    [Fact]
    public void ALargeJpegIsDecodedReduced()
    {
        const int Width = 1603, Height = 1197;
        Vector2[] places = [new(400, 300), new(1110, 790)];
        var picture = new Picture(Width, Height);
        foreach (var place in places)
        {
            for (var y = -16; y <= 16; y++)
                picture.Row((int)place.Y + y).Slice(3 * ((int)place.X - 16), 3 * 33).Fill(255);
        }
        var path = _folder["large.jpg"];
        File.WriteAllBytes(path, picture.EncodeJpeg(95));
        using var detector = Load(options: new DetectorOptions { Threads = 1, LongestSide = 200 });
        var expected = detector.Detect(Mdfld.Picture.Load(path));

        var opened = Mdfld.Picture.Open(path);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var found = detector.Detect(opened);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < Width * Height * 3);
        Assert.Equal((Width, Height), (opened.Width, opened.Height));
        Assert.Equal(2, found.Length);
        foreach (var face in found)
        {
            // A pixel of the crop is a dozen of the picture.
            var same = expected.MinBy(f => Vector2.Distance(f.Box.Centre, face.Box.Centre))!;
            Assert.All(face.Points.Zip(same.Points), p => Assert.True(Vector2.Distance(p.First, p.Second) < 2));
            Assert.Equal(same.Uncertainty[0].XX, face.Uncertainty[0].XX, 0.05f * same.Uncertainty[0].XX);
            Assert.Contains(places, place => Vector2.Distance(place, face.Box.Centre) < 12);
        }

        // A face that is small in it has the picture decoded in full.
        var small = new FaceCrop(places[0], 40);
        Assert.Equal(
            detector.Detect(Mdfld.Picture.Load(path), small).Points.AsEnumerable(),
            detector.Detect(opened, small).Points.AsEnumerable());
    }

    [Fact]
    public void UncertaintyIsInPixelsOfThePicture()
    {
        using var detector = Load();
        var found = detector.Detect(new Picture(100, 100), new FaceCrop(new(50, 50), 64, MathF.PI / 2));
        // The crop's half side is 32 pixels; turned by a quarter, x and y change places.
        Assert.Equal(68, found.Uncertainty.Length);
        Assert.Equal(32 * 32 * Spread.YY, found.Uncertainty[5].XX, 0.01f);
        Assert.Equal(32 * 32 * Spread.XX, found.Uncertainty[5].YY, 0.01f);
        Assert.Equal(32 * MathF.Sqrt(0.025f), found.Uncertainty[5].Deviation, 0.01f);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1f)]
    public void TheMirrorImageIsTakenBack(float habit)
    {
        // What is wrong with single points goes; the side that all of them lie to is a habit of the labels and stays.
        var flip = LandmarkScheme.Ibug68.MirrorPermutation;
        var (expected, biased) = (new Vector2[68], new Vector2[68]);
        var wrong = Enumerable.Range(0, 68).Select(i => Math.Min(i, flip[i]) % 2 == 0 ? 0.1f : -0.1f).ToArray();
        for (var i = 0; i < 68; i++)
        {
            expected[i] = new Vector2(habit + (MathF.Sign(flip[i] - i) * 0.2f), (i + flip[i]) * 0.005f);
            biased[i] = expected[i] + new Vector2(wrong[i] - wrong.Average(), 0);
        }
        var crop = new FaceCrop(new(50, 50), 64);
        var image = Spots(100, 100, new Vector2(50, 50));
        using var right = Load(expected);
        using var mirrored = Load(biased, new DetectorOptions { Threads = 1, Mirror = true });
        var found = mirrored.Detect(image, crop);

        Assert.All(
            found.Points.Zip(right.Detect(image, crop).Points),
            p => Assert.True(Vector2.Distance(p.First, p.Second) < 0.1f, $"{p}"));
        var apart = wrong[0] - wrong.Average();
        Assert.Equal(32 * 32 * (Spread.XX + (apart * apart)), found.Uncertainty[0].XX, 0.2f);
    }

    [Fact]
    public void AFaceWhoseSquareNoLongerMovesIsLookedAtNoMore()
    {
        // An upright face in a circle of 1 / 1.25 of the square: cut round it, the square is the same. A pixel of the
        // picture is one of the crop, so that the spot is found exactly.
        var circle = new Vector2[68];
        for (var i = 0; i < 68; i++)
        {
            circle[i] = i switch
            {
                30 => default,
                >= 36 and < 48 => new Vector2(i < 42 ? -0.3f : 0.3f, -0.2f),
                >= 48 => new Vector2(i is 54 ? 0.3f : -0.3f, 0.3f),
                _ => new Vector2(MathF.Cos(i * MathF.Tau / 36), MathF.Sin(i * MathF.Tau / 36)) / 1.25f,
            };
        }
        var image = Spots(100, 100, new Vector2(51, 50));
        DetectedFace[] places = [
            new DetectedFace(
                new FaceBox(24.9f, 23.9f, 51.2f, 51.2f), 1,
                [new(40, 40), new(60, 40), new(50, 50), new(42, 60), new(58, 60)])];
        Landmarks Look(int passes)
        {
            using var detector = Load(circle, new DetectorOptions { Threads = 1, RefinementSteps = passes });
            return detector.Detect(image, places)[0];
        }

        Assert.NotEqual(Look(1).Crop, Look(2).Crop);
        Assert.Equal(Look(3).Crop, Look(9).Crop);
    }

    [Fact]
    public void FacesBelowTheThresholdAreLeftOut()
    {
        var image = Spots(100, 100, new Vector2(50, 50));
        using var confident = Load(properties: Calibrated(constant: 3, threshold: 0.5f));
        Assert.Equal(0.5f, confident.Threshold);
        Assert.InRange(Assert.Single(confident.Detect(image)).Confidence, 0.94f, 0.96f);
        using var doubtful = Load(properties: Calibrated(constant: -3, threshold: 0.5f));
        Assert.Empty(doubtful.Detect(image));
        using var all = Load(
            options: new DetectorOptions { Threads = 1, Threshold = 0 },
            properties: Calibrated(constant: -3, threshold: 0.5f));
        Assert.InRange(Assert.Single(all.Detect(image)).Confidence, 0.04f, 0.06f);
        Assert.InRange(all.Detect(image, new FaceBox(30, 30, 40, 40)).Confidence, 0.04f, 0.06f);
    }

    [Fact]
    public void ABrokenCalibrationIsRefused()
    {
        var refusal = Assert.Throws<InvalidDataException>(
            () => Load(properties: TinyModels.With(FaceConfidence.Key, "{}")));
        Assert.Contains("mdfld.confidence is no calibration", refusal.Message);
        File.WriteAllBytes(
            _folder["blind.onnx"], TinyModels.Brightest(new Vector2[68], Calibrated(constant: 1, threshold: 0.5f)));
        refusal = Assert.Throws<InvalidDataException>(() => LandmarkDetector.Load(_folder["blind.onnx"]));
        Assert.Contains("no output 'spread'", refusal.Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(0)]
    public async Task AStreamKeepsItsOrderAndNamesWhatIsBroken(int parallelism)
    {
        using var detector = Load();
        var paths = Enumerable.Range(0, 9).Select(i => _folder[$"{i}.png"]).ToArray();
        for (var i = 0; i < paths.Length; i++)
            Spots(100 + i, 90, new Vector2(40 + i, 45)).Save(paths[i]);
        File.WriteAllText(paths[4], "no picture");
        var results = new List<DetectionResult<string>>();
        await foreach (var result in detector.DetectAsync(paths, parallelism))
            results.Add(result);
        Assert.Equal(paths, results.Select(r => r.Source));
        Assert.IsType<InvalidDataException>(results[4].Error);
        Assert.Null(results[4].Picture);
        Assert.Empty(results[4].Faces);
        foreach (var i in Enumerable.Range(0, 9).Where(i => i != 4))
        {
            Assert.Null(results[i].Error);
            Assert.Equal(100 + i, results[i].Picture!.Width);
            Assert.Equal(40 + i, Assert.Single(results[i].Faces).Box.Centre.X, 1.5f);
        }
    }

    [Fact]
    public async Task AStreamHoldsNoMorePicturesThanItMay()
    {
        using var detector = Load();
        var (loaded, read) = (0, 0);
        await foreach (var result in detector.DetectAsync(
            Enumerable.Range(0, 40).ToAsyncEnumerable(), Picture, parallelism: 3))
        {
            read++;
            // Twice as many as are worked on at a time may have been begun when this one is read.
            Assert.InRange(Volatile.Read(ref loaded), read, read + 6);
        }
        Assert.Equal(40, read);

        Picture Picture(int _)
        {
            Interlocked.Increment(ref loaded);
            return Spots(80, 80, new Vector2(40, 40));
        }
    }

    /// <summary>A stream's files count as long as they are worked on, and go when the caller has done with them.</summary>
    [Fact]
    public async Task FilesOfAStreamAreCountedAndLetGo()
    {
        using var detector = Load();
        Directory.CreateDirectory(_folder["large"]);
        File.WriteAllBytes(_folder["large", "a.bmp"], Images.Pictures.Bmp(Spots(2000, 1500, new Vector2(900, 700))));
        var length = new FileInfo(_folder["large", "a.bmp"]).Length;
        var used = 0L;
        await foreach (var result in detector.DetectAsync(
            Enumerable.Repeat(_folder["large", "a.bmp"], 2).ToAsyncEnumerable(), path => Picture.Open(path),
            result => used = result.Error is null ? MemoryBudget.Decoding.Used : 0, parallelism: 1))
        {
            Assert.Equal((2000, 1500), (result.Picture!.Width, result.Picture.Height));
            Assert.Throws<InvalidOperationException>(() => result.Picture.Data[0]);
        }
        // The file, and its pixels.
        Assert.InRange(used, 2 * length - 1000, long.MaxValue);
    }

    [Fact]
    public async Task AStreamCanBeStoppedOrLeft()
    {
        using var detector = Load();
        using var stop = new CancellationTokenSource();
        var endless = Enumerable.Range(0, int.MaxValue).ToAsyncEnumerable();
        var read = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var result in detector.DetectAsync(endless, _ => new Picture(50, 50), null, 2, stop.Token))
            {
                if (++read == 5)
                    stop.Cancel();
            }
        });
        await foreach (var result in detector.DetectAsync(endless, _ => new Picture(50, 50), parallelism: 2))
            break;
        Assert.Throws<OperationCanceledException>(() => detector.Detect(new Picture(50, 50), stop.Token));
    }

    [Fact]
    public void WorkIsCountedAndLogged()
    {
        var log = new LogList();
        using var detector = Load(options: new DetectorOptions { Threads = 1, Logging = log });
        var counts = new Dictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Mdfld")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        // Other tests' detectors have meters of that name, too: only this thread's counts are of this one.
        var thread = Environment.CurrentManagedThreadId;
        listener.SetMeasurementEventCallback<long>((i, value, _, _) => Count(i, value));
        listener.SetMeasurementEventCallback<double>((i, value, _, _) => Count(i, value));
        listener.Start();
        detector.Detect(Spots(170, 90, new Vector2(30, 40), new Vector2(120, 50)));
        detector.Detect(new Picture(60, 60));
        Assert.Equal(2, counts["mdfld.pictures"]);
        Assert.Equal(2, counts["mdfld.faces"]);
        Assert.True(counts["mdfld.find.duration"] > 0);
        Assert.True(counts["mdfld.landmarks.duration"] > 0);
        Assert.Equal(2, log.Lines.Count);
        Assert.StartsWith("Debug: 170 x 90 pixels: 2 faces of 2 candidates in ", log.Lines[0]);

        void Count(Instrument instrument, double value)
        {
            if (Environment.CurrentManagedThreadId == thread)
                counts[instrument.Name] = counts.GetValueOrDefault(instrument.Name) + value;
        }
    }

    [Fact]
    public void AContainerMakesOneDetectorAndDisposesIt()
    {
        var log = new LogList();
        var finder = _folder["finder.onnx"];
        File.WriteAllBytes(finder, TinyFinders.Bright());
        var services = new ServiceCollection()
            .AddSingleton<ILoggerFactory>(log)
            .AddMdfld(new DetectorOptions { Threads = 1, FinderFile = finder });
        LandmarkDetector detector;
        using (var provider = services.BuildServiceProvider())
        {
            detector = provider.GetRequiredService<LandmarkDetector>();
            Assert.Same(detector, provider.GetRequiredService<LandmarkDetector>());
            Assert.Same(detector, provider.GetRequiredService<ILandmarkDetector>());
            Assert.Equal("compact", detector.Model.Name);
            detector.Detect(new Picture(40, 40));
            Assert.Single(log.Lines);
        }
        Assert.Throws<ObjectDisposedException>(() => detector.Detect(new Picture(40, 40)));
    }

    [Theory]
    [InlineData(-1, 2, 0.5f)]
    [InlineData(1025, 2, 0.5f)]
    [InlineData(100_000, 2, 0.5f)]
    [InlineData(0, 0, 0.5f)]
    [InlineData(0, int.MaxValue, 0.5f)]
    [InlineData(0, 2, 1.5f)]
    [InlineData(0, 2, float.NaN)]
    public void OptionsThatMakeNoSenseAreRefused(int threads, int passes, float threshold) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => LandmarkDetector.Create(
            new DetectorOptions { Threads = threads, RefinementSteps = passes, Threshold = threshold }));

    /// <summary>A crop that shows nothing of the picture, or next to nothing, is of no face.</summary>
    [Theory]
    [InlineData(0, 0, 1e-30f, 1e-30f)]
    [InlineData(20, 20, 2, 2)]
    [InlineData(-100, 20, 40, 40)]
    [InlineData(20, 300, 40, 40)]
    [InlineData(1e7f, 0, 40, 40)]
    [InlineData(0, 0, 1e30f, 1e30f)]
    public void ABoxThatShowsNothingHasNoConfidence(float left, float top, float width, float height)
    {
        using var calibrated = Load(properties: Calibrated(3, 0.5f));
        using var plain = Load();
        var picture = new Picture(100, 100);
        var box = new FaceBox(left, top, width, height);
        var face = new DetectedFace(box, 0.9f, [new(0, 0), new(4, 0), new(2, 2), new(0, 4), new(4, 4)]);
        Assert.Equal(0, calibrated.Detect(picture, box).Confidence);
        Assert.Equal(0, plain.Detect(picture, box).Confidence);
        Assert.Equal(0, plain.Detect(picture, [face])[0].Confidence);
        Assert.Equal(0.9f, plain.Detect(picture, [face with { Box = new FaceBox(30, 30, 40, 40) }])[0].Confidence);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 0, -5)]
    [InlineData(float.NaN, 0, 5)]
    [InlineData(0, float.PositiveInfinity, 5)]
    [InlineData(0, 0, float.NaN)]
    [InlineData(0, 0, float.PositiveInfinity)]
    public void ABoxThatIsNoneIsRefused(float left, float top, float side)
    {
        using var detector = Load();
        var (picture, box) = (new Picture(100, 100), new FaceBox(left, top, side, side));
        var face = new DetectedFace(box, 0.9f, [new(0, 0), new(4, 0), new(2, 2), new(0, 4), new(4, 4)]);
        Assert.Throws<ArgumentException>(() => detector.Detect(picture, box));
        Assert.Throws<ArgumentException>(() => detector.Detect(picture, box.ToCrop(1)));
        Assert.Throws<ArgumentException>(() => detector.Detect(picture, [face]));
        Assert.Throws<ArgumentException>(
            () => detector.Detect(picture, [face with { Box = new FaceBox(0, 0, 9, 9), Points = [] }]));
        Assert.Throws<ArgumentException>(() => detector.Detect(picture, new DetectedFace[1]));
    }

    [Fact]
    public void AFinderThatIsNoneIsRefusedAtOnce() =>
        Assert.Throws<FileNotFoundException>(
            () => LandmarkDetector.Create(new DetectorOptions { FinderFile = _folder["absent.onnx"] }));

    private static Picture Spots(int width, int height, params Vector2[] places)
    {
        var image = new Picture(width, height);
        foreach (var place in places)
        {
            for (var y = -1; y <= 1; y++)
                image.Row((int)place.Y + y).Slice(3 * ((int)place.X - 1), 9).Fill(255);
        }
        return image;
    }

    private static Dictionary<string, string> Calibrated(double constant, float threshold) => TinyModels.With(
        FaceConfidence.Key, new FaceConfidence(0, constant, threshold).ToText());

    // An upright face, so that the second look is not turned: a grid of points, half as wide as the crop.
    private static Vector2[] Grid() =>
        [.. Enumerable.Range(0, 68).Select(i => new Vector2(((i % 2) - 0.5f) * 0.8f, ((i / 2) - 16.5f) / 40))];

    private LandmarkDetector Load(
        Vector2[]? offsets = null,
        DetectorOptions? options = null,
        IReadOnlyDictionary<string, string>? properties = null)
    {
        File.WriteAllBytes(_folder["model.onnx"], TinyModels.Brightest(offsets ?? Grid(), properties, Spread));
        File.WriteAllBytes(_folder["bright.onnx"], TinyFinders.Bright());
        options ??= new DetectorOptions { Threads = 1 };
        return LandmarkDetector.Load(_folder["model.onnx"], options with { FinderFile = _folder["bright.onnx"] });
    }

    private sealed class LogList : ILoggerFactory, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void Log<TState>(
            LogLevel level, EventId id, TState state, Exception? error, Func<TState, Exception?, string> format) =>
            Lines.Add($"{level}: {format(state, error)}");

        public bool IsEnabled(LogLevel level) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}

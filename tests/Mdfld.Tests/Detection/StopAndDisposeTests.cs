namespace Mdfld.Tests.Detection;

/// <summary>Models that are told to stop, and detectors that are disposed, while they work.</summary>
[Collection(nameof(Alone))]
public sealed class StopAndDisposeTests : IDisposable
{
    private const int Rounds = 50;
    private const int Threads = 8;

    // Of a machine that is busy with other things; a run that cannot be stopped would never end.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AnEndlessModelEndsWhenItIsToldTo()
    {
        File.WriteAllBytes(_folder["endless.onnx"], EndlessModel.Create());
        using var detector = LandmarkDetector.Load(_folder["endless.onnx"], new DetectorOptions { Threads = 1 });
        // The loop does not turn for black crops: all is loaded and compiled before the run that has no end.
        detector.DetectSingle(new Picture(64, 64));
        var bright = new Picture(64, 64);
        bright.Data.Fill(255);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var run = Task.Run(() => detector.DetectSingle(bright, stop.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(Patience));
        // It was one run that ended, not the model.
        detector.DetectSingle(new Picture(64, 64));
    }

    [Fact]
    public async Task DisposingWhileThreadsDetectNeverCrashes()
    {
        var (model, finder, picture) = (TinyModels.Means(), TinyFinders.Bright(), Spots());
        for (var round = 0; round < Rounds; round++)
        {
            FaceFinder? made = null;
            var detector = new LandmarkDetector(
                LandmarkModel.Load(model, "model.onnx", new DetectorOptions { Threads = 1 }),
                () => made = FaceFinder.Load(finder, "finder.onnx", new DetectorOptions { Threads = 1 }));
            var landmarks = (OnnxLandmarkModel)detector.Model;
            using var working = new CountdownEvent(Threads);
            var waits = round % 2 == 0;
            var threads = Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(
                () => DetectUntilDisposed(detector, picture, working), TaskCreationOptions.LongRunning)).ToArray();
            // Every other round the finder is made while the detector goes.
            if (waits)
                working.Wait();
            detector.Dispose();
            await Task.WhenAll(threads).WaitAsync(Patience);
            Assert.True(landmarks.IsClosed);
            Assert.True(made?.IsClosed ?? !waits);
            Assert.Throws<ObjectDisposedException>(() => detector.Finder);
        }
    }

    private static void DetectUntilDisposed(LandmarkDetector detector, Picture picture, CountdownEvent working)
    {
        var isFirst = true;
        try
        {
            while (true)
            {
                Assert.NotEmpty(detector.Detect(picture));
                if (isFirst)
                    working.Signal();
                isFirst = false;
            }
        }
        catch (ObjectDisposedException)
        {
            // It came after the disposal.
        }
    }

    private static Picture Spots()
    {
        var picture = new Picture(96, 96);
        for (var y = 40; y < 44; y++)
            picture.Row(y).Slice(3 * 40, 12).Fill(255);
        return picture;
    }
}

namespace Mdfld.Bench;

/// <summary>Frames a second of the tracker beside the detector on each frame alone, on drawn clips of 480 x 270.</summary>
internal static class TrackingSpeed
{
    private const int Frames = 45;

    public static void Run(int rounds)
    {
        Console.WriteLine("## Frames of drawn clips, 480 x 270, two threads\n");
        Console.WriteLine("| clip | each frame alone, frames/s | tracked, frames/s | faster | finder in |");
        Console.WriteLine("|---|---|---|---|---|");
        using var detector = LandmarkDetector.Create(new DetectorOptions { Threads = 2 });
        foreach (var clip in (string[])["still", "moving", "crossing", "cut"])
        {
            var frames = DrawnClips.Draw(clip, Frames).ToArray();
            var searches = 0;
            var measured = Measurement.Interleaved(
                rounds,
                ("alone", () =>
                {
                    foreach (var frame in frames)
                        detector.Detect(frame.Picture);
                }
            ),
                ("tracked", () =>
                {
                    var tracker = new LandmarkTracker(detector);
                    foreach (var frame in frames)
                        tracker.Track(frame.Picture, frame.Time);
                    searches = tracker.FinderRuns;
                }
            ));
            var (alone, tracked) = (Frames / measured[0].Median, Frames / measured[1].Median);
            Console.WriteLine($"| {clip} | {alone:0.0} | {tracked:0.0} | {tracked / alone:0.00} x | {searches} of {Frames} frames |");
        }
        Console.WriteLine();
    }
}

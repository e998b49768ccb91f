using System.Diagnostics;
using System.Text;

namespace Mdfld.Cli.Tracking;

/// <summary>
/// The frames of a video, decoded by ffmpeg in a process of its own. It reads a file or standard input and nothing else:
/// no playlist leads it to another file or to the net.
/// </summary>
internal sealed class VideoReader : IDisposable
{
    /// <summary>The name that stands for standard input.</summary>
    public const string StandardInput = "-";

    private readonly Process _process;
    private readonly string _title;
    private readonly long _maxPixels;
    private readonly StringBuilder _errors = new();

    private VideoReader(Process process, string title, VideoInfo info, long maxPixels)
    {
        (_process, _title, Info, _maxPixels) = (process, title, info, maxPixels);
        process.ErrorDataReceived += (_, line) =>
        {
            // Enough to say what is wrong; a broken file has much to say.
            if (line.Data is { } text && _errors.Length < 2000)
                _errors.AppendLine(text);
        };
        process.BeginErrorReadLine();
    }

    /// <summary>Rate and, where it is known, number of frames.</summary>
    public VideoInfo Info { get; }

    /// <summary>Starts decoding.</summary>
    /// <param name="path">A file, or <see cref="StandardInput"/>.</param>
    /// <param name="input">What is read for <see cref="StandardInput"/>.</param>
    /// <param name="rate">Frames a second where the video does not say.</param>
    /// <param name="most">Frames that are decoded of a video of known length, evenly spread, at most two a second; 0: all.</param>
    /// <exception cref="FileNotFoundException">There is no such file, or no ffmpeg.</exception>
    /// <exception cref="InvalidDataException">It is no video.</exception>
    public static VideoReader Open(string path, Stream? input, double rate, long maxPixels, int most = 0)
    {
        var isPiped = path == StandardInput;
        if (!isPiped && !File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file");
        // A pipe cannot be looked at twice; its frames come at the asked rate.
        var info = isPiped ? new VideoInfo(rate, null) : VideoInfo.Of(path);
        if (most > 0)
            info = info with { Rate = new[] { info.Rate, 2, most * info.Rate / (info.Frames ?? 1) }.Min() };
        var process = Ffmpeg.Start(
            "ffmpeg",
            [
                "-nostdin", "-v", "error", .. Ffmpeg.Confined, "-i", isPiped ? "pipe:0" : "file:" + path,
                "-map", "0:v:0", "-fps_mode", "cfr", "-r", info.Rate.ToString("R", CultureInfo.InvariantCulture),
                "-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24", "pipe:1",
            ],
            takesInput: isPiped);
        if (isPiped)
            _ = FeedAsync(input!, process);
        return new VideoReader(process, isPiped ? "standard input" : path, info, maxPixels);
    }

    /// <summary>Frames of a file, evenly spread.</summary>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static IEnumerable<Picture> Sample(string path, int most)
    {
        using var reader = Open(path, null, 1, Picture.DefaultMaxPixels, most);
        while (reader.Read() is { } frame)
            yield return frame;
    }

    /// <summary>The next frame; null at the end.</summary>
    /// <exception cref="InvalidDataException">The video is broken, or its frames are too large.</exception>
    public Picture? Read()
    {
        var stream = _process.StandardOutput.BaseStream;
        if (ReadHeader(stream) is not var (width, height))
        {
            _process.WaitForExit();
            if (_process.ExitCode != 0)
                throw new InvalidDataException($"{_title}: {Reason()}");
            return null;
        }
        if ((long)width * height > _maxPixels)
        {
            throw new InvalidDataException(
                $"{_title}: frames of {width} x {height} pixels, more than --max-pixels {_maxPixels}");
        }
        var pixels = new byte[width * height * Picture.Channels];
        if (stream.ReadAtLeast(pixels, pixels.Length, throwOnEndOfStream: false) < pixels.Length)
            throw new InvalidDataException($"{_title}: ends in the middle of a frame; {Reason()}");
        return Picture.FromPixels(pixels, width, height, width * Picture.Channels, PixelLayout.Rgb);
    }

    public void Dispose()
    {
        Ffmpeg.End(_process);
        _process.Dispose();
    }

    private string Reason() => _errors.Length > 0
        ? $"ffmpeg says: {_errors.ToString().Trim().ReplaceLineEndings("; ")}" : "no video that ffmpeg can read";

    /// <summary>"P6 width height 255" and one white space; null at the end.</summary>
    private (int Width, int Height)? ReadHeader(Stream stream)
    {
        Span<int> numbers = stackalloc int[3];
        var first = stream.ReadByte();
        if (first < 0)
            return null;
        if (first != 'P' || stream.ReadByte() != '6')
            throw new InvalidDataException($"{_title}: ffmpeg wrote no picture");
        stream.ReadByte();
        for (var i = 0; i < 3; i++)
        {
            for (var c = stream.ReadByte(); c is >= '0' and <= '9' && numbers[i] < 1_000_000; c = stream.ReadByte())
                numbers[i] = (10 * numbers[i]) + (c - '0');
        }
        return numbers[0] > 0 && numbers[1] > 0 && numbers[2] == 255
            ? (numbers[0], numbers[1]) : throw new InvalidDataException($"{_title}: ffmpeg wrote no picture");
    }

    private static async Task FeedAsync(Stream input, Process process)
    {
        try
        {
            await input.CopyToAsync(process.StandardInput.BaseStream);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // ffmpeg has seen enough, or ends with an error that is told.
        }
    }
}

/// <summary>Frame rate and length of a video, from its header.</summary>
/// <param name="Rate">Frames a second.</param>
/// <param name="Frames">The number of frames, nearly; null where it is unknown.</param>
internal sealed record VideoInfo(double Rate, int? Frames)
{
    /// <summary>Of a file, by ffprobe.</summary>
    /// <exception cref="InvalidDataException">It is no video.</exception>
    public static VideoInfo Of(string path)
    {
        using var process = Ffmpeg.Start(
            "ffprobe",
            [
                "-v", "error", .. Ffmpeg.Confined, "-select_streams", "v:0", "-show_entries",
                "stream=avg_frame_rate,duration:format=duration", "-of", "default=noprint_wrappers=1", "file:" + path,
            ],
            takesInput: false);
        var errors = process.StandardError.ReadToEndAsync();
        var values = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries)
            .Select(l => l.Split('=', 2)).Where(l => l.Length == 2).ToLookup(l => l[0], l => l[1]);
        process.WaitForExit();
        var reason = errors.Result.Trim().ReplaceLineEndings("; ");
        if (process.ExitCode != 0 || Ratio(values["avg_frame_rate"].FirstOrDefault()) is not { } rate)
            throw new InvalidDataException($"{path}: no video{(reason.Length > 0 ? $"; ffmpeg says: {reason}" : "")}");
        var seconds = values["duration"].Select(v => Ratio(v)).FirstOrDefault(v => v is not null);
        return new VideoInfo(rate, seconds is { } s && s * rate < int.MaxValue ? (int)Math.Ceiling(s * rate) : null);
    }

    private static double? Ratio(string? text)
    {
        var parts = (text ?? "").Split('/');
        var numbers = Array.ConvertAll(
            parts, p => double.TryParse(p, CultureInfo.InvariantCulture, out var n) ? n : double.NaN);
        var ratio = numbers.Length == 2 ? numbers[0] / numbers[1] : numbers[0];
        return ratio is > 0 and < 1e6 ? ratio : null;
    }
}

/// <summary>The program ffmpeg, and ffprobe beside it.</summary>
internal static class Ffmpeg
{
    /// <summary>
    /// Options of an input that may come from anybody: no other file and no net, and no kind of file that names others
    /// (playlists, lists of pictures).
    /// </summary>
    public static readonly string[] Confined =
    [
        "-protocol_whitelist", "file,pipe", "-format_whitelist",
        "matroska,webm,mov,avi,flv,mpegts,mpeg,mpegvideo,ogg,asf,gif,apng,yuv4mpegpipe,nut,h264,hevc,av1,ivf,mjpeg",
    ];

    /// <exception cref="FileNotFoundException">It is not installed.</exception>
    public static Process Start(string program, IEnumerable<string> arguments, bool takesInput)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = takesInput,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new FileNotFoundException(
                $"videos need {program}, and it is not on PATH: install ffmpeg (apt, brew or winget), or name a folder of frames");
        }
    }

    /// <summary>Ends it where it has not ended.</summary>
    public static void End(Process process)
    {
        try
        {
            if (!process.HasExited)
                process.Kill();
            process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It has just ended.
        }
    }
}

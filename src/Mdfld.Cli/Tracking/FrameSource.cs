using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Mdfld.Cli.Tracking;

/// <summary>The frames of a video, a folder or a pipe.</summary>
internal abstract class FrameSource : IDisposable
{
    /// <summary>Frames a second.</summary>
    public abstract double Rate { get; }

    /// <summary>The number of frames, nearly; null where it is unknown.</summary>
    public virtual int? Count => null;

    /// <summary>Frames that were passed over because they came faster than they were worked on.</summary>
    public virtual int Dropped => 0;

    /// <summary>The next frame, its number and when it is shown, seconds; null at the end.</summary>
    public abstract (Picture Picture, int Number, double Time)? Next(CancellationToken stop);

    public virtual void Dispose()
    {
    }
}

/// <summary>The pictures of a folder in the order of their names, numbers in them counted as numbers.</summary>
internal sealed partial class FolderFrames(string folder, double rate, long maxPixels) : FrameSource
{
    private readonly string[] _files = Find(folder);
    private int _next;

    public override double Rate => rate;

    public override int? Count => _files.Length;

    public override (Picture, int, double)? Next(CancellationToken stop)
    {
        if (_next == _files.Length)
            return null;
        var number = _next++;
        using var file = new PictureStream(_files[number]);
        return (Picture.Load(file, maxPixels), number, number / rate);
    }

    // 10 comes after 9.
    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();

    private static string[] Find(string folder)
    {
        string[] files = [.. FileNames.Entries(folder)
            .Where(e => !e.IsFolder).Select(e => Path.Combine(folder, e.Name)).Where(f => Picture.Extensions.Contains(Path.GetExtension(f).ToLowerInvariant()))];
        if (files.Length == 0)
            throw new UsageException($"{folder}: holds no pictures, expected the frames of a video");
        return [.. files.OrderBy(f => Digits().Replace(f, d => d.Value.PadLeft(20, '0')), StringComparer.Ordinal)];
    }
}

/// <summary>The frames of a video that ffmpeg decodes.</summary>
internal sealed class VideoFrames(VideoReader reader) : FrameSource
{
    private int _next;

    public override double Rate => reader.Info.Rate;

    public override int? Count => reader.Info.Frames;

    public override (Picture, int, double)? Next(CancellationToken stop)
    {
        using var ending = stop.Register(reader.Dispose);
        if (reader.Read() is not { } picture)
            return null;
        var number = _next++;
        return (picture, number, number / Rate);
    }

    public override void Dispose() => reader.Dispose();
}

/// <summary>
/// Raw frames from a pipe, as they come: while one is worked on only the newest of those that arrive is kept, so that what
/// is told is never older than one frame and its work.
/// </summary>
internal sealed class LiveFrames : FrameSource
{
    private readonly Stream _input;
    private readonly (int Width, int Height) _size;
    private readonly object _gate = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private (byte[] Pixels, int Number, double Time)? _newest;
    private byte[]? _spare;
    private bool _hasEnded;
    private bool _isStopped;
    private int _taken;
    private int _arrived;

    /// <param name="input">Frames without a header: rows from the top, red, green, blue.</param>
    public LiveFrames(Stream input, int width, int height, double rate)
    {
        (_input, _size, Rate) = (input, (width, height), rate);
        new Thread(ReadAll) { IsBackground = true, Name = "frames" }.Start();
    }

    public override double Rate { get; }

    public override int Dropped
    {
        get
        {
            lock (_gate)
                return _arrived - _taken - (_newest is null ? 0 : 1);
        }
    }

    public override (Picture, int, double)? Next(CancellationToken stop)
    {
        using var waking = stop.Register(() =>
        {
            lock (_gate)
            {
                _isStopped = true;
                Monitor.PulseAll(_gate);
            }
        });
        (byte[] Pixels, int Number, double Time) frame;
        lock (_gate)
        {
            while (_newest is null && !_hasEnded && !_isStopped)
                Monitor.Wait(_gate);
            stop.ThrowIfCancellationRequested();
            if (_newest is not { } newest)
                return null;
            (frame, _newest) = (newest, null);
            _taken++;
        }
        var picture = Picture.FromPixels(
            frame.Pixels, _size.Width, _size.Height, _size.Width * Picture.Channels, PixelLayout.Rgb);
        lock (_gate)
            _spare = frame.Pixels;
        return (picture, frame.Number, frame.Time);
    }

    // A frame that is cut off at the end of the pipe is none.
    private void ReadAll()
    {
        try
        {
            while (true)
            {
                byte[] buffer;
                lock (_gate)
                    (buffer, _spare) = (_spare ?? new byte[_size.Width * _size.Height * Picture.Channels], null);
                if (_input.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length)
                    break;
                lock (_gate)
                {
                    _spare ??= _newest?.Pixels;
                    _newest = (buffer, _arrived++, Stopwatch.GetElapsedTime(_start).TotalSeconds);
                    Monitor.PulseAll(_gate);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The writer is gone: so the frames end.
        }
        lock (_gate)
        {
            _hasEnded = true;
            Monitor.PulseAll(_gate);
        }
    }
}

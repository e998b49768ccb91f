using System.Diagnostics;
using System.Text;

namespace Mdfld.Cli.Tracking;

/// <summary>Writes frames as an .mp4 by ffmpeg: whole, or not at all.</summary>
internal sealed class VideoWriter : IDisposable
{
    private readonly string _path;
    private readonly double _rate;
    private readonly StringBuilder _errors = new();
    private Process? _process;
    private (int Width, int Height) _size;

    public VideoWriter(string path, double rate) => (_path, _rate) = (path, rate);

    private string Partial => _path + ".partial.mp4";

    /// <summary>The next frame; one of another size than the first is scaled to that.</summary>
    public void Write(Picture frame)
    {
        if (_process is null)
        {
            _size = (frame.Width, frame.Height);
            _process = Ffmpeg.Start(
                "ffmpeg",
                [
                    "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", $"{frame.Width}x{frame.Height}",
                    "-r", _rate.ToString("R", CultureInfo.InvariantCulture), "-i", "pipe:0",
                    // Players want even sizes and this colour layout.
                    "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p", "-crf", "20", "file:" + Partial,
                ],
                takesInput: true);
            _process.ErrorDataReceived += (_, line) => _ = _errors.Length < 2000 ? _errors.AppendLine(line.Data) : _errors;
            _process.BeginErrorReadLine();
        }
        if ((frame.Width, frame.Height) != _size)
        {
            var scale = Homography.Scale(_size.Width / (double)frame.Width, _size.Height / (double)frame.Height);
            frame = frame.Warp(scale, _size.Width, _size.Height, antialias: true);
        }
        try
        {
            for (var y = 0; y < frame.Height; y++)
                _process.StandardInput.BaseStream.Write(frame.Row(y));
        }
        catch (IOException)
        {
            _process.WaitForExit();
            throw new IOException(Failure());
        }
    }

    /// <summary>There are no more frames: the file gets its name.</summary>
    public void Complete()
    {
        if (_process is null)
            return;
        _process.StandardInput.Close();
        _process.WaitForExit();
        if (_process.ExitCode != 0)
            throw new IOException(Failure());
        File.Move(Partial, _path, overwrite: true);
    }

    public void Dispose()
    {
        if (_process is null)
            return;
        Ffmpeg.End(_process);
        _process.Dispose();
        File.Delete(Partial);
    }

    private string Failure() =>
        $"{_path}: not written; ffmpeg says: {_errors.ToString().Trim().ReplaceLineEndings("; ")}";
}

using System.Globalization;

namespace Mdfld.Cli.Original;

/// <summary>
/// The original's log: every line with time and level, on standard error and in <c>log/log.txt</c> of the run. Nothing
/// is made before the first line.
/// </summary>
internal sealed class OriginalLog(string workFolder, TextWriter error)
{
    public void Info(string text) => Write("INFO", text);

    public void Warn(string text) => Write("WARNING", text);

    public void Error(string text) => Write("ERROR", text);

    // Python's logging: %(asctime)s %(levelname)-8s: %(message)s
    private void Write(string level, string text)
    {
        var time = DateTime.Now.ToString("yyyy-MM-dd HH:mm:ss,fff", CultureInfo.InvariantCulture);
        var line = $"{time} {level,-8}: {text}";
        error.WriteLine(line);
        var folder = Path.Combine(workFolder, "log");
        Directory.CreateDirectory(folder);
        File.AppendAllText(Path.Combine(folder, "log.txt"), line + "\n");
    }
}

using System.Diagnostics;

namespace Mdfld.Tests.Launchers;

/// <summary>What a script left behind. Texts without the final line break.</summary>
internal sealed record ShellResult(int ExitCode, string Output, string Errors);

/// <summary>Runs bash scripts as a user's terminal would, save that nothing can be typed.</summary>
internal static class Shell
{
    /// <summary>Less than the limit of a whole test in eng/tests.sh.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(14);

    /// <summary>Runs the script in the folder.</summary>
    /// <exception cref="TimeoutException">After seven minutes, its processes ended.</exception>
    public static ShellResult Run(string script, string folder)
    {
        var start = new ProcessStartInfo("bash", ["-c", script])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"Still running after {Limit}: {script}");
        }

        return new ShellResult(process.ExitCode, output.Result.TrimEnd(), errors.Result.TrimEnd());
    }
}

namespace Mdfld.Tests.Launchers;

/// <summary>
/// A checkout that has only the launchers' scripts, and programs of the test's making before the
/// real ones: set-up is tried without changing the machine.
/// </summary>
internal sealed class FakeCheckout : IDisposable
{
    private static readonly string[] BuildFiles =
        ["nuget.config", "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props"];

    private readonly TemporaryFolder _folder = new();

    public FakeCheckout()
    {
        Directory.CreateDirectory(_folder["bin"]);
        Directory.CreateSymbolicLink(_folder["eng"], Path.Combine(TestFiles.RepositoryRoot, "eng"));
    }

    public string this[params string[] parts] => _folder[parts];

    /// <summary>A program that notes its name and arguments in calls.txt and then does what the script says.</summary>
    public void AddProgram(string name, string script)
    {
        var path = _folder["bin", name];
        File.WriteAllText(path, $"#!/bin/bash\necho \"{name} $*\" >>\"{_folder["calls.txt"]}\"\n{script}\n");
        Shell.Run($"chmod +x '{path}'", _folder.Path);
    }

    /// <summary>./mdfld itself, the places of its sources, and a dotnet that publishes nothing but a name.</summary>
    public void AddLauncher()
    {
        File.Copy(Path.Combine(TestFiles.RepositoryRoot, "mdfld"), _folder["mdfld"]);
        Directory.CreateDirectory(_folder["src"]);
        Directory.CreateDirectory(_folder["models"]);
        foreach (var file in BuildFiles)
            File.WriteAllText(_folder[file], "");
        AddProgram("dotnet", "[[ $1 != publish ]] || { mkdir -p \"${!#}\"; touch \"${!#}/Mdfld.Cli.dll\"; }");
    }

    /// <summary>Calls of the added programs so far, each 'name arguments'.</summary>
    public string[] Calls => File.Exists(_folder["calls.txt"]) ? File.ReadAllLines(_folder["calls.txt"]) : [];

    /// <summary>Runs a script after the launchers' functions were read.</summary>
    public ShellResult Run(string script) => Shell.Run(
        $"""
        set -euo pipefail
        root={_folder.Path} PATH={_folder["bin"]}:$PATH
        . "$root/eng/prepare.sh"
        . "$root/eng/tests.sh"
        {script}
        """,
        _folder.Path);

    public void Dispose() => _folder.Dispose();
}

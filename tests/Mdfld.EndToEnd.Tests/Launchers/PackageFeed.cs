using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Xml.Linq;

namespace Mdfld.Tests.Launchers;

/// <summary>Tests that look at, or install, what <c>dotnet pack</c> makes: it is made once for all of them.</summary>
[CollectionDefinition(Name)]
public sealed class PackageCollection : ICollectionFixture<PackageFeed>
{
    public const string Name = "packages";
}

/// <summary>All published packages in a feed of their own, and a folder in which nothing of this checkout is.</summary>
public sealed class PackageFeed : IDisposable
{
    public const string Version = "0.0.1-test";

    /// <summary>Servers that outlive a build would hold its output open.</summary>
    public const string NoServers = "-nodeReuse:false -p:UseSharedCompilation=false";

    private readonly TemporaryFolder _folder = new();

    public PackageFeed()
    {
        var root = TestFiles.RepositoryRoot;
        var packages = MachinePackages;
        Directory.CreateDirectory(_folder["feed"]);
        Directory.CreateDirectory(packages);
        // What a build of Mdfld has fetched before is taken from there; nothing is added to it.
        File.WriteAllText(
            _folder["nuget.config"],
            $"""
            <configuration>
              <packageSources>
                <add key="feed" value="feed" />
              </packageSources>
              <packageSourceMapping>
                <clear />
                <packageSource key="feed"><package pattern="Mdfld" /><package pattern="Mdfld.*" /></packageSource>
                <packageSource key="nuget.org"><package pattern="*" /></packageSource>
              </packageSourceMapping>
              <fallbackPackageFolders><add key="machine" value="{packages}" /></fallbackPackageFolders>
            </configuration>
            """);
        var result = Shell.Run(
            $"""
            {Environment}
            dotnet pack '{root}/eng/packing/Packages.slnx' --configuration Release --output feed \
                --artifacts-path artifacts -p:MinVerVersionOverride={Version} \
                -p:ToolPackageRuntimeIdentifiers={Platform} -p:RunAnalyzersDuringBuild=false {NoServers}
            """,
            _folder.Path);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"{result.Output}\n{result.Errors}");
    }

    /// <summary>This machine's RID, such as linux-x64.</summary>
    public static string Platform => RuntimeInformation.RuntimeIdentifier;

    /// <summary>Where the restores of this machine put packages.</summary>
    public static string MachinePackages =>
        System.Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named
            ? named
            : Path.Combine(
                System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>The folder beside the feed for a test's own use.</summary>
    public string this[params string[] parts] => _folder[parts];

    public void Dispose() => _folder.Dispose();

    /// <summary>Opens a package of the feed: Mdfld.Bundle, for one. Its symbols: <c>.snupkg</c>.</summary>
    public ZipArchive Open(string id, string extension = ".nupkg") =>
        ZipFile.OpenRead(_folder["feed", $"{id}.{Version}{extension}"]);

    /// <summary>What a package says of itself.</summary>
    public XElement Nuspec(string id)
    {
        using var package = Open(id);
        using var stream = package.Entries.Single(e => e.FullName == $"{id}.nuspec").Open();
        return XElement.Load(stream).Elements().Single(e => e.Name.LocalName == "metadata");
    }

    /// <summary>The text of a file in a package.</summary>
    public string Text(string id, string file)
    {
        using var package = Open(id);
        var entry = package.GetEntry(file) ?? throw new FileNotFoundException($"{id} has no {file}");
        using var reader = new StreamReader(entry.Open());
        return reader.ReadToEnd();
    }

    /// <summary>Runs a script in the folder; its restores put packages nowhere else.</summary>
    internal ShellResult Run(string script) => Shell.Run(
        $"""
        set -e
        {Environment}
        export NUGET_PACKAGES='{_folder["packages"]}'
        {script}
        """,
        _folder.Path);

    private static string Environment =>
        "export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1";
}

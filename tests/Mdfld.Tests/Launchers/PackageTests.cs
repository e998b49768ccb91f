using System.Globalization;
using System.IO.Compression;
using System.Numerics;
using Xunit.Abstractions;

namespace Mdfld.Tests.Launchers;

/// <summary>What <c>dotnet pack</c> makes, installed where nothing of this checkout is.</summary>
public sealed class PackageTests(PackageTests.Packed packed, ITestOutputHelper output)
    : IClassFixture<PackageTests.Packed>
{
    private const string Program =
        """
        using Mdfld;

        using var detector = LandmarkDetector.Create();
        var picture = Picture.Load(args[0]);
        var face = detector.DetectWhole(picture);
        var nose = face.Points[30];
        Console.WriteLine(FormattableString.Invariant($"{detector.Model.Name} {nose.X} {nose.Y}"));
        Console.WriteLine(detector.Detect(picture).Length);
        """;

    [Fact]
    public void ItHoldsWhatAPackageShould()
    {
        using var package = ZipFile.OpenRead(packed.Artifact("*.nupkg"));
        var names = package.Entries.Select(e => e.FullName).ToArray();
        Assert.Contains("README.md", names);
        Assert.Contains("LICENSE", names);
        Assert.Contains("lib/net10.0/Mdfld.dll", names);
        Assert.Contains("lib/net10.0/Mdfld.xml", names);
        using var symbols = ZipFile.OpenRead(packed.Artifact("*.snupkg"));
        Assert.Contains("lib/net10.0/Mdfld.pdb", symbols.Entries.Select(e => e.FullName));
    }

    [Fact]
    public void AFreshProjectInstallsAndRunsIt()
    {
        Project("fresh");
        Run("dotnet run --configuration Release --project fresh -- " + Photo, "fresh");
    }

    [Fact]
    public void ItRunsCompiledAheadOfTime()
    {
        Project("native");
        // Debian's compilers under ./test: gcc links as well as clang does.
        var said = Run(
            $"""
            dotnet publish native --configuration Release --use-current-runtime --output native/out -p:PublishAot=true \
                -p:TrimmerSingleWarn=false -p:CppCompilerAndLinker=gcc -p:LinkerFlavor=bfd {Packed.NoServers} >&2
            test ! -e native/out/native.dll
            native/out/native {Photo}
            """,
            "native");
        Assert.DoesNotContain(said.Errors.Split('\n'), line => line.Contains("warning IL") && line.Contains("Mdfld"));
    }

    private static string Photo => Path.Combine(TestFiles.RepositoryRoot, "samples", "images", "photo.png");

    /// <summary>A console project as a user makes it, with the package added.</summary>
    private void Project(string name)
    {
        Run($"dotnet new console --output {name} --no-restore", null);
        File.WriteAllText(packed.Folder[name, "Program.cs"], Program);
        Run($"dotnet add {name} package Mdfld --version {Packed.Version}", null);
    }

    private ShellResult Run(string script, string? answer)
    {
        var result = packed.Run(script);
        output.WriteLine($"{script}\n{result.Output}\n{result.Errors}");
        Assert.True(result.ExitCode == 0, $"{result.Output}\n{result.Errors}");
        if (answer is null)
            return result;
        var words = result.Output.Split('\n')[^2].Split(' ');
        using var here = LandmarkDetector.Create();
        var nose = here.DetectWhole(Picture.Load(Photo)).Points[30];
        var there = new Vector2(
            float.Parse(words[1], CultureInfo.InvariantCulture), float.Parse(words[2], CultureInfo.InvariantCulture));
        Assert.Equal(here.Model.Name, words[0]);
        Assert.InRange(Vector2.Distance(nose, there), 0, 0.01f);
        return result;
    }

    /// <summary>The package in a feed of its own, beside the registry that every restore uses.</summary>
    public sealed class Packed : IDisposable
    {
        public const string Version = "0.0.1-test";

        /// <summary>Servers that outlive a build would hold its output open.</summary>
        public const string NoServers = "-nodeReuse:false -p:UseSharedCompilation=false";

        public Packed()
        {
            var root = TestFiles.RepositoryRoot;
            var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named
                ? named
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            Directory.CreateDirectory(Folder["feed"]);
            Directory.CreateDirectory(packages);
            // What a build of Mdfld has fetched before is taken from there; nothing is added to it.
            File.WriteAllText(
                Folder["nuget.config"],
                $"""
                <configuration>
                  <packageSources>
                    <add key="feed" value="feed" />
                    <add key="local" value="{Path.Combine(root, ".packages")}" />
                  </packageSources>
                  <fallbackPackageFolders><add key="machine" value="{packages}" /></fallbackPackageFolders>
                </configuration>
                """);
            var result = Run(
                $"""
                dotnet pack '{root}/src/Mdfld' --configuration Release --output feed --artifacts-path artifacts \
                    -p:Version={Version} {NoServers}
                """);
            if (result.ExitCode != 0)
                throw new InvalidOperationException($"{result.Output}\n{result.Errors}");
        }

        internal TemporaryFolder Folder { get; } = new();

        public void Dispose() => Folder.Dispose();

        internal string Artifact(string pattern) => Assert.Single(Directory.GetFiles(Folder["feed"], pattern));

        internal ShellResult Run(string script) => Shell.Run(
            $"""
            set -e
            export NUGET_PACKAGES='{Folder["packages"]}' DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
            export MSBUILDDISABLENODEREUSE=1
            {script}
            """,
            Folder.Path);
    }
}

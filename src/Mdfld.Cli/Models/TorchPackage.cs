using System.IO.Compression;
using System.Text.Json;
using NuGet.Configuration;

namespace Mdfld.Cli;

/// <summary>libtorch as NuGet has it: a package for each platform, of which the libraries are taken.</summary>
/// <param name="Platform">As NuGet calls it.</param>
internal sealed record TorchPackage(string Platform, long Bytes, string Sha256)
{
    // Of use to Python, or to tests of libtorch.
    private static readonly string[] NotNeeded = ["python", "test", "aoti", "backend", "nnapi", "shm"];

    private static readonly TorchPackage[] All =
    [
        new("linux-x64", 128_200_806, "e821a8a2db5b3e726fbe4321f36a9e8934f1e9f2849424063d21aafe4b6e11d1"),
        new("osx-arm64", 56_910_439, "69664e38dab1917d2573017bd36120da59bc5e9fd7c246c250b1c5af6a370579"),
        new("win-x64", 79_854_046, "2e47e5ece75500f1029e803d298c7d67d97d3e1c08ac629f554310743a3b2b40"),
        new("win-arm64", 41_962_447, "497250203ae1bffa8f0aafd6f72446665d61b900941a95d678b66cc3338c99a0"),
    ];

    /// <summary>The package of this machine.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public static TorchPackage ForThisMachine() =>
        All.FirstOrDefault(p => p.Platform == TorchRuntime.Platform) ?? throw new NotSupportedException(
            $"NuGet has no libtorch for {TorchRuntime.Platform}, "
            + $"only for {string.Join(", ", All.Select(p => p.Platform))}: "
            + "build or fetch one elsewhere and name its folder, mdfld setup torch --from FOLDER");

    private string Name => $"libtorch-cpu-{Platform}";

    /// <summary>What there is to fetch, and where, from the package sources that this user's NuGet knows.</summary>
    /// <exception cref="IOException">No source can be reached.</exception>
    public async Task<Uri> FindAsync(HttpClient client, CancellationToken stop)
    {
        var sources = new PackageSourceProvider(Settings.LoadDefaultSettings(Environment.CurrentDirectory))
            .LoadPackageSources().Where(s => s.IsEnabled && s.IsHttp).ToArray();
        var failure = "NuGet's configuration names none that is on";
        foreach (var source in sources)
        {
            try
            {
                using var index = JsonDocument.Parse(await client.GetStringAsync(source.SourceUri, stop));
                var packages = index.RootElement.GetProperty("resources").EnumerateArray()
                    .First(r => r.GetProperty("@type").GetString()?.StartsWith(
                        "PackageBaseAddress/", StringComparison.Ordinal) == true)
                    .GetProperty("@id").GetString()!;
                return new Uri(
                    new Uri(packages.TrimEnd('/') + '/'),
                    $"{Name}/{TorchRuntime.Version}/{Name}.{TorchRuntime.Version}.nupkg");
            }
            catch (Exception e) when (e is HttpRequestException or JsonException or InvalidOperationException
                or KeyNotFoundException or UriFormatException)
            {
                failure = $"{source.SourceUri}: {e.Message}";
            }
        }
        throw new IOException($"no package source can be asked for {Name}: {failure}");
    }

    /// <summary>Takes the libraries out of a package; the folder appears when all are there.</summary>
    /// <exception cref="InvalidDataException">It is no such package.</exception>
    public void Unpack(string package, string folder)
    {
        var partial = folder + ".partial";
        if (Directory.Exists(partial))
            Directory.Delete(partial, recursive: true);
        Directory.CreateDirectory(partial);
        using (var archive = ZipFile.OpenRead(package))
        {
            foreach (var entry in archive.Entries)
            {
                // Its own name alone: nothing is written beside the folder.
                if (entry.FullName == $"runtimes/{Platform}/native/{entry.Name}"
                    && !NotNeeded.Any(part => entry.Name.Contains(part, StringComparison.Ordinal)))
                    entry.ExtractToFile(Path.Combine(partial, entry.Name));
                else if (entry.Name.StartsWith("LICENSE", StringComparison.Ordinal))
                    entry.ExtractToFile(Path.Combine(partial, entry.Name));
            }
        }
        if (!TorchRuntime.IsLibtorch(partial))
            throw new InvalidDataException($"{package}: no package with libtorch for {Platform}");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.Move(partial, folder);
    }
}

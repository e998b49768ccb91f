using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Mdfld.Tests.Launchers;

/// <summary>THIRD-PARTY-NOTICES.txt names the packages that ours bring, as they are in the lock files.</summary>
public sealed class ThirdPartyNoticesTests
{
    private static readonly string[] Published = ["Mdfld", "Mdfld.Bundle", "Mdfld.Data", "Mdfld.Cli"];

    [Fact]
    public void EveryPackageIsThereWithItsVersionAndLicence()
    {
        var expected = Published.SelectMany(LockFile.Packages).Distinct().Where(HasAssemblies)
            .Select(p => $"{p.Name} {p.Version}: {Licence(p)}").Concat(OfThePage()).Order(StringComparer.OrdinalIgnoreCase);

        Assert.Equal(expected, Entries().Select(e => $"{e[0]}: {e[1].Trim()}"));
    }

    [Fact]
    public void EveryEntryHasACopyrightAndASourceAndItsLicenceIsPrinted()
    {
        var text = File.ReadAllText(Notices);
        Assert.All(Entries(), entry =>
        {
            Assert.Equal(4, entry.Length);
            Assert.Contains("Copyright", entry[2]);
            Assert.StartsWith("https://", entry[3].Trim());
            Assert.Contains($"---\n{entry[1].Trim()}\n\n", text);
        });
    }

    /// <summary>What the studio's page is made with and holds copies of: npm's packages that are not for its build only.</summary>
    private static IEnumerable<string> OfThePage()
    {
        const string Folder = "node_modules/";
        var file = Path.Combine(TestFiles.RepositoryRoot, "src", "Mdfld.Studio", "page", "package-lock.json");
        return JsonNode.Parse(File.ReadAllText(file))!["packages"]!.AsObject()
            .Where(p => p.Key.StartsWith(Folder, StringComparison.Ordinal) && p.Value!["dev"] is null)
            .Select(p => $"{p.Key[Folder.Length..]} {p.Value!["version"]}: {p.Value["license"]}");
    }

    private static string Notices => Path.Combine(TestFiles.RepositoryRoot, "THIRD-PARTY-NOTICES.txt");

    /// <summary>Paragraphs of a line 'package version' and indented lines.</summary>
    private static string[][] Entries() =>
    [
        .. File.ReadAllText(Notices).Split("\n---")[0].Split("\n\n").Select(p => p.Split('\n'))
            .Where(p => p.Length > 1 && p[1].StartsWith("  ", StringComparison.Ordinal)),
    ];

    /// <summary>What only helps to build, such as an analyzer, has neither.</summary>
    private static bool HasAssemblies((string Name, string Version) package) =>
        Directory.Exists(Folder(package, "lib")) || Directory.Exists(Folder(package, "runtimes"));

    /// <summary>
    /// As the package says it; both of ONNX Runtime's have a file, which is MIT's, and MPI.NET names Boost's by its
    /// address alone.
    /// </summary>
    private static string Licence((string Name, string Version) package)
    {
        var metadata = XElement.Load(Folder(package, $"{package.Name.ToLowerInvariant()}.nuspec"));
        var declared = metadata.Descendants().SingleOrDefault(e => e.Name.LocalName == "license");
        if (declared is null)
        {
            var address = metadata.Descendants().Single(e => e.Name.LocalName == "licenseUrl").Value;
            Assert.EndsWith("/LICENSE_1_0.txt", address);
            return "BSL-1.0";
        }
        if (declared.Attribute("type")!.Value == "expression")
            return declared.Value;
        Assert.StartsWith("MIT License", File.ReadAllText(Folder(package, declared.Value)).TrimStart());
        return "MIT";
    }

    private static string Folder((string Name, string Version) package, string name) => Path.Combine(
        PackageFeed.MachinePackages, package.Name.ToLowerInvariant(), package.Version.ToLowerInvariant(), name);
}

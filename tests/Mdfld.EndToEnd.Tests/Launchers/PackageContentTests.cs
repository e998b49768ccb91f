using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Mdfld.Tests.Launchers;

/// <summary>What is in the published packages, and what they say of themselves.</summary>
[Collection(PackageCollection.Name)]
public sealed partial class PackageContentTests(PackageFeed feed)
{
    private const string Repository = "https://github.com/mdfld/mdfld";

    private static string Tool => $"Mdfld.Tool.{PackageFeed.Platform}";

    public static TheoryData<string> All => ["Mdfld", "Mdfld.Bundle", "Mdfld.Data", "Mdfld.Tool", Tool];

    [Theory]
    [MemberData(nameof(All))]
    public void MetadataAndFilesOfEveryPackage(string id)
    {
        var nuspec = feed.Nuspec(id);

        Assert.Equal(PackageFeed.Version, Value(nuspec, "version"));
        Assert.Equal("Mdfld contributors", Value(nuspec, "authors"));
        Assert.Equal(Repository, Value(nuspec, "projectUrl"));
        Assert.Equal(Repository, Element(nuspec, "repository")!.Attribute("url")!.Value);
        Assert.Equal("git", Element(nuspec, "repository")!.Attribute("type")!.Value);
        Assert.EndsWith("/CHANGELOG.md", Value(nuspec, "releaseNotes"));
        Assert.Contains("Mdfld contributors", Value(nuspec, "copyright"));
        using var package = feed.Open(id);
        var names = package.Entries.Select(e => e.FullName).ToArray();
        Assert.Contains(Value(nuspec, "icon"), names);
        Assert.Contains(Value(nuspec, "readme"), names);
        Assert.Contains("THIRD-PARTY-NOTICES.txt", names);
        Assert.Contains("sbom.spdx.json", names);
    }

    [Theory]
    [InlineData("Mdfld")]
    [InlineData("Mdfld.Bundle")]
    [InlineData("Mdfld.Data")]
    public void ALibraryHasItsDocumentationAndSymbols(string id)
    {
        using var package = feed.Open(id);
        Assert.NotNull(package.GetEntry($"lib/net10.0/{id}.dll"));
        Assert.NotNull(package.GetEntry($"lib/net10.0/{id}.xml"));
        using var symbols = feed.Open(id, ".snupkg");
        Assert.NotNull(symbols.GetEntry($"lib/net10.0/{id}.pdb"));
    }

    [Theory]
    [InlineData("Mdfld")]
    [InlineData("Mdfld.Data")]
    public void APackageWithoutWeightsIsUnderMit(string id)
    {
        Assert.Equal("MIT", Value(feed.Nuspec(id), "license"));
        Assert.Contains("MIT License", feed.Text(id, "LICENSE"));
    }

    [Fact]
    public void APackageWithWeightsSaysWhatTheyAreFor()
    {
        foreach (var id in (string[])["Mdfld.Bundle", Tool])
        {
            var nuspec = feed.Nuspec(id);
            Assert.Equal("LICENSE.txt", Value(nuspec, "license"));
            Assert.Equal("true", Value(nuspec, "requireLicenseAcceptance"));
            Assert.Contains("research only", Value(nuspec, "description"));
            var text = feed.Text(id, "LICENSE.txt");
            Assert.Contains(feed.Text(id, "LICENSE-weights.txt").Trim(), text);
            Assert.Contains(File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "LICENSE")).Trim(), text);
        }
    }

    [Fact]
    public void TheBundleBringsTheLibraryAndOnnxRuntime()
    {
        var dependencies = feed.Nuspec("Mdfld.Bundle").Descendants()
            .Where(e => e.Name.LocalName == "dependency").Select(e => e.Attribute("id")!.Value).ToArray();
        Assert.Contains("Mdfld", dependencies);
        Assert.Contains("Microsoft.ML.OnnxRuntime", dependencies);
        Assert.DoesNotContain("MinVer", dependencies);
    }

    [Theory]
    [InlineData("Mdfld")]
    [InlineData("Mdfld.Bundle")]
    [InlineData("Mdfld.Data")]
    public void WhatDetectsKnowsNothingOfTorch(string id)
    {
        using var package = feed.Open(id);
        Assert.DoesNotContain(package.Entries, e => e.FullName.Contains("torch", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(
            feed.Nuspec(id).Descendants().Where(e => e.Name.LocalName == "dependency"),
            e => e.Attribute("id")!.Value.Contains("torch", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(
            LockFile.Packages(id), p => p.Name.Contains("torch", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>
    /// TorchSharp's own library, a megabyte, that of libtorch half a gigabyte: <c>mdfld setup torch</c> fetches it.
    /// </summary>
    [Fact]
    public void TheToolHasTorchSharpAndNoLibtorch()
    {
        using var package = feed.Open(Tool);
        var native = Assert.Single(package.Entries, e => NativeTorchSharp().IsMatch(e.FullName));
        Assert.DoesNotContain(package.Entries, e => NativeLibtorch().IsMatch(e.FullName));
        if (!OperatingSystem.IsLinux())
            return;
        using var memory = new MemoryStream();
        using (var stream = native.Open())
            stream.CopyTo(memory);
        // As eng/torch/TorchSharp.targets leaves it: Debian 12 and Ubuntu 22.04 lack this version of a symbol.
        var version = LockFile.Packages("Mdfld.Cli").Single(p => p.Name == "TorchSharp").Version;
        var path = Path.Combine(
            PackageFeed.MachinePackages, "torchsharp", version, "runtimes", PackageFeed.Platform, "native",
            "libLibTorchSharp.so");
        var (original, patched) = (File.ReadAllBytes(path), memory.ToArray());
        Assert.Equal(original.Length, patched.Length);
        var changed = Assert.Single(Enumerable.Range(0, original.Length), i => original[i] != patched[i]);
        Assert.Equal(original[changed] | 2, patched[changed]);
    }

    [Fact]
    public void TheToolHasTheModelsAndThisPlatformsNativesOnly()
    {
        using var package = feed.Open(Tool);
        var folder = $"tools/net10.0/{PackageFeed.Platform}/";
        var names = package.Entries.Select(e => e.FullName).ToArray();
        foreach (var model in (string[])["compact.onnx", "compact.md", "finder.onnx", "finder.md"])
            Assert.Contains($"{folder}models/{model}", names);
        // What the studio adapts from; its page, where this machine could build it.
        Assert.Contains($"{folder}models/compact.safetensors", names);
        Assert.Contains($"{folder}recipes/adapt.yaml", names);
        Assert.Equal(Mdfld.Tests.Studio.StudioFixture.MissingReason is null, names.Contains($"{folder}page/index.html"));
        Assert.Single(names, n => NativeOnnxRuntime().IsMatch(n));
        Assert.Single(names, n => n.Contains("libSkiaSharp"));
        Assert.DoesNotContain(names, n => n.Contains("generator-small"));
        Assert.Contains("notices/Microsoft.ML.OnnxRuntime/ThirdPartyNotices.txt", names);
        Assert.Contains(names, n => n.StartsWith("notices/SkiaSharp.", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void LinksOfTheReadmeAreAbsolute(string id)
    {
        var targets = Link().Matches(feed.Text(id, "README.md"))
            .Select(m => (IsPicture: m.Groups[1].Length > 0, Target: m.Groups[2].Value)).ToArray();

        Assert.NotEmpty(targets);
        Assert.All(targets, t => Assert.Matches("^(https://|#)", t.Target));
        Assert.All(
            targets.Where(t => t.IsPicture), t => Assert.StartsWith($"{Repository}/raw/main/", t.Target));
    }

    [Theory]
    [InlineData("true", @"^\d+\.\d+\.\d+(-[0-9a-z.-]+)?$")]
    [InlineData("false", @"^0\.1\.0$")]
    public void OnlyAPackTakesItsVersionFromGit(string isPacking, string version)
    {
        var said = feed.Run(
            $"""
            export NUGET_PACKAGES='{PackageFeed.MachinePackages}'
            dotnet msbuild '{TestFiles.RepositoryRoot}/src/Mdfld' -target:MinVer -property:_IsPacking={isPacking} \
                -property:ArtifactsPath="$PWD/artifacts" -getProperty:PackageVersion -getProperty:MinVerVersion
            """);

        Assert.True(said.ExitCode == 0, said.Output + said.Errors);
        var properties = JsonNode.Parse(said.Output[said.Output.IndexOf('{')..])!["Properties"]!;
        Assert.Matches(version, properties["PackageVersion"]!.GetValue<string>());
        Assert.Equal(isPacking == "true", properties["MinVerVersion"]!.GetValue<string>().Length > 0);
    }

    [Theory]
    [InlineData("Mdfld", "Mdfld")]
    [InlineData("Mdfld.Bundle", "Mdfld.Bundle")]
    [InlineData("Mdfld.Data", "Mdfld.Data")]
    [InlineData("Mdfld.Tool", "Mdfld.Cli")]
    public void TheBillOfMaterialsListsEveryLockedPackage(string id, string project)
    {
        var sbom = JsonNode.Parse(feed.Text(id, "sbom.spdx.json"))!;
        var packages = sbom["packages"]!.AsArray().Select(p => p!).ToArray();

        Assert.Equal("SPDX-2.3", sbom["spdxVersion"]!.GetValue<string>());
        Assert.Equal($"{id} {PackageFeed.Version}", sbom["name"]!.GetValue<string>());
        foreach (var (name, version) in LockFile.Packages(project))
        {
            var listed = Assert.Single(packages, p => p["name"]!.GetValue<string>() == name);
            Assert.Equal(version, listed["versionInfo"]!.GetValue<string>());
            Assert.NotEqual("NOASSERTION", listed["licenseDeclared"]!.GetValue<string>());
            Assert.Matches("^[0-9a-f]{128}$", listed["checksums"]![0]!["checksumValue"]!.GetValue<string>());
        }
        var ids = packages.Select(p => p["SPDXID"]!.GetValue<string>()).Append("SPDXRef-DOCUMENT").ToHashSet();
        Assert.Equal(packages.Length + 1, ids.Count);
        Assert.All(sbom["relationships"]!.AsArray(), r =>
        {
            Assert.Contains(r!["spdxElementId"]!.GetValue<string>(), ids);
            Assert.Contains(r["relatedSpdxElement"]!.GetValue<string>(), ids);
        });
    }

    private static XElement? Element(XElement nuspec, string name) =>
        nuspec.Elements().SingleOrDefault(e => e.Name.LocalName == name);

    private static string? Value(XElement nuspec, string name) => Element(nuspec, name)?.Value;

    [GeneratedRegex(@"(!?)\[[^\]]*\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(^|/)(lib)?LibTorchSharp\.(so|dll|dylib)$")]
    private static partial Regex NativeTorchSharp();

    [GeneratedRegex(@"(^|/)(lib)?(torch|c10)[a-z_]*\.(so|dll|dylib)$")]
    private static partial Regex NativeLibtorch();

    [GeneratedRegex(@"(^|/)(lib)?onnxruntime\.(so|dll|dylib)$")]
    private static partial Regex NativeOnnxRuntime();
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.Serialization.Json;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Writes a package's bill of materials (SPDX 2.3, JSON): every package of its lock file with version, hash and the
/// licence that its own .nuspec declares, and which depends on which.
/// </summary>
public sealed class WriteSbom : Task
{
    private const string Ours = "Copyright (c) 2026 Mdfld contributors";

    [Required]
    public string LockFile { get; set; }

    /// <summary>The folder that restored packages lie in.</summary>
    [Required]
    public string PackageRoot { get; set; }

    [Required]
    public string Name { get; set; }

    [Required]
    public string Version { get; set; }

    [Required]
    public string Destination { get; set; }

    public override bool Execute()
    {
        var entries = Locked().ToArray();
        var packages = new List<string> { Package(Name, Version, null, "MIT", Ours) };
        var relations = new List<string> { Relation("SPDXRef-DOCUMENT", "DESCRIBES", Id(Name)) };
        foreach (var (name, entry) in entries)
        {
            var version = (string)entry.Element("resolved") ?? Version;
            var (licence, copyright) = Declared(name, version);
            packages.Add(Package(name, version, FileHash(name, version), licence, copyright));
            if ((string)entry.Element("type") is "Direct" or "Project")
                relations.Add(Relation(Id(Name), "DEPENDS_ON", Id(name)));
            foreach (var needed in entry.Element("dependencies")?.Elements() ?? Array.Empty<XElement>())
            {
                if (entries.Any(e => Same(e.Name, Key(needed))))
                    relations.Add(Relation(Id(name), "DEPENDS_ON", Id(Key(needed))));
            }
        }
        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        File.WriteAllText(Destination, $@"{{
  ""spdxVersion"": ""SPDX-2.3"",
  ""dataLicense"": ""CC0-1.0"",
  ""SPDXID"": ""SPDXRef-DOCUMENT"",
  ""name"": {Quoted(Name + " " + Version)},
  ""documentNamespace"": {Quoted($"https://github.com/mdfld/mdfld/sbom/{Name}/{Version}/{Guid.NewGuid()}")},
  ""creationInfo"": {{
    ""created"": ""{DateTime.UtcNow:yyyy-MM-ddTHH:mm:ssZ}"",
    ""creators"": [""Tool: mdfld-eng-packing""]
  }},
  ""packages"": [
{string.Join(",\n", packages)}
  ],
  ""relationships"": [
{string.Join(",\n", relations)}
  ]
}}
");
        return true;
    }

    /// <summary>The lock file's packages, each once, whatever the platform.</summary>
    private IEnumerable<(string Name, XElement Entry)> Locked()
    {
        using (var reader = JsonReaderWriterFactory.CreateJsonReader(
            File.ReadAllBytes(LockFile), XmlDictionaryReaderQuotas.Max))
        {
            return XElement.Load(reader).Element("dependencies").Elements().Elements()
                .GroupBy(Key, StringComparer.OrdinalIgnoreCase)
                .Select(g => (g.Key, g.First()))
                .Where(e => !Same(e.Key, Name))
                .ToArray();
        }
    }

    private (string Licence, string Copyright) Declared(string name, string version)
    {
        var id = name.ToLowerInvariant();
        var file = Path.Combine(PackageRoot, id, version.ToLowerInvariant(), id + ".nuspec");
        if (!File.Exists(file))
            return ("MIT", Ours);
        var metadata = XElement.Load(file).Elements().First(e => e.Name.LocalName == "metadata").Elements().ToArray();
        var licence = metadata.FirstOrDefault(e => e.Name.LocalName == "license");
        // MPI.NET has only the address of its licence, Boost's.
        var address = metadata.FirstOrDefault(e => e.Name.LocalName == "licenseUrl")?.Value ?? "";
        return (licence == null && address.EndsWith("/LICENSE_1_0.txt", StringComparison.Ordinal)
                ? "BSL-1.0" : Licence(licence, Path.GetDirectoryName(file)),
            metadata.FirstOrDefault(e => e.Name.LocalName == "copyright")?.Value ?? "NOASSERTION");
    }

    private static string Licence(XElement declared, string folder)
    {
        if ((string)declared?.Attribute("type") == "expression")
            return declared.Value;
        var text = declared == null ? null : Path.Combine(folder, declared.Value);
        var isMit = File.Exists(text)
            && File.ReadAllText(text).TrimStart().StartsWith("MIT License", StringComparison.Ordinal);
        return isMit ? "MIT" : "NOASSERTION";
    }

    /// <summary>SHA-512 of the .nupkg, as the restore noted it; null for a package of this repository.</summary>
    private string FileHash(string name, string version)
    {
        var id = name.ToLowerInvariant();
        var folder = Path.Combine(PackageRoot, id, version.ToLowerInvariant());
        var file = Path.Combine(folder, $"{id}.{version.ToLowerInvariant()}.nupkg.sha512");
        return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
    }

    private static string Package(string name, string version, string hash, string licence, string copyright)
    {
        var checksum = hash == null ? "" : $@"
      ""checksums"": [{{ ""algorithm"": ""SHA512"", ""checksumValue"": ""{Hexadecimal(hash)}"" }}],";
        return $@"    {{
      ""SPDXID"": {Quoted(Id(name))},
      ""name"": {Quoted(name)},
      ""versionInfo"": {Quoted(version)},
      ""downloadLocation"": {Quoted($"https://www.nuget.org/packages/{name}/{version}")},
      ""filesAnalyzed"": false,{checksum}
      ""licenseConcluded"": ""NOASSERTION"",
      ""licenseDeclared"": {Quoted(licence)},
      ""copyrightText"": {Quoted(copyright)},
      ""externalRefs"": [{{
        ""referenceCategory"": ""PACKAGE-MANAGER"",
        ""referenceType"": ""purl"",
        ""referenceLocator"": {Quoted($"pkg:nuget/{name}@{version}")}
      }}]
    }}";
    }

    private static string Relation(string from, string kind, string to) =>
        $@"    {{ ""spdxElementId"": {Quoted(from)}, ""relationshipType"": ""{kind}"", "
        + $@"""relatedSpdxElement"": {Quoted(to)} }}";

    private static string Id(string name) =>
        "SPDXRef-" + string.Concat(name.ToLowerInvariant().Select(c => char.IsLetterOrDigit(c) || c == '.' ? c : '-'));

    /// <summary>The JSON name of an element: those that are no XML names stand in an attribute.</summary>
    private static string Key(XElement element) => (string)element.Attribute("item") ?? element.Name.LocalName;

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private static string Hexadecimal(string base64) =>
        string.Concat(Convert.FromBase64String(base64).Select(b => b.ToString("x2")));

    private static string Quoted(string text)
    {
        var json = new StringBuilder("\"");
        foreach (var c in text)
            json.Append(c < ' ' ? $"\\u{(int)c:x4}" : c == '"' || c == '\\' ? "\\" + c : c.ToString());
        return json.Append('"').ToString();
    }
}

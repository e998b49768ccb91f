using System.IO;
using System.Text.RegularExpressions;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies a Markdown file with its links made absolute: a package's page stands far from the repository's files.
/// Pictures become raw files, all other links pages of the repository.
/// </summary>
public sealed class AbsoluteLinks : Task
{
    private static readonly Regex Link = new Regex(@"(?<picture>!?)\[(?<text>[^\]]*)\]\((?<target>[^)\s]+)\)");

    [Required]
    public string Source { get; set; }

    [Required]
    public string Destination { get; set; }

    [Required]
    public string RepositoryUrl { get; set; }

    public override bool Execute()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        File.WriteAllText(Destination, Link.Replace(File.ReadAllText(Source), Absolute));
        return true;
    }

    private string Absolute(Match link)
    {
        var target = link.Groups["target"].Value;
        if (Regex.IsMatch(target, "^([a-z]+:|#)"))
            return link.Value;
        var picture = link.Groups["picture"].Value;
        var folder = picture == "!" ? "raw" : "blob";
        return $"{picture}[{link.Groups["text"].Value}]({RepositoryUrl}/{folder}/main/{target})";
    }
}

using System.CommandLine.Parsing;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld dataset split</c>: parts that share no picture.</summary>
internal static class DatasetSplitCommand
{
    public static Command Create()
    {
        var source = new AnnotationSource();
        var output = DatasetCommand.Output();
        var parts = new Option<SplitPart[]>("--parts")
        {
            Description = "Names and shares, such as train=0.8,val=0.2",
            HelpName = "NAME=SHARE,...",
            Required = true,
            CustomParser = ParseParts,
        };
        var seed = SharedOptions.Value("--seed", "N", "Decides which picture goes where", 0);
        var by = SharedOptions.Choice(
            "--by", "image: each style is divided alike; style: a style is in one part only", "image", "style");
        var to = DatasetCommand.To();
        to.DefaultValueFactory = _ => "star";
        var copy = DatasetCommand.Copy();
        var force = SharedOptions.Force("OUT");
        var quiet = SharedOptions.Quiet();
        return new Command("split", "Divides labelled faces into parts that share no picture.")
        {
            source, output, parts, seed, by, to, copy, force, quiet,
        }.Does((parsed, stop) =>
        {
            var target = parsed.GetRequiredValue(output);
            using var folder = DatasetCommand.NewFolder(target, parsed.GetValue(force), source.Inputs(parsed));
            var format = AnnotationFormat.ByName(parsed.GetRequiredValue(to));
            var (set, wanted) = (source.ReadFor(target, parsed), parsed.GetRequiredValue(parts));
            var divided = DatasetSplit.Divide(set, wanted, parsed.GetValue(seed), parsed.GetValue(by) == "style");
            if (Array.FindIndex(divided, d => d.Count == 0) is >= 0 and var empty)
            {
                throw new InvalidDataException(
                    $"{source.Path(parsed)}: too little in it: nothing is left for {wanted[empty].Name}");
            }
            foreach (var (part, faces) in wanted.Zip(divided))
            {
                var path = Path.Combine(folder.Path, part.Name);
                (set with { Faces = faces }).Write(format, path, parsed.GetValue(copy), stop);
            }
            folder.Publish();
            foreach (var (part, faces) in parsed.GetValue(quiet) ? [] : wanted.Zip(divided))
            {
                var pictures = faces.DistinctBy(f => f.ImagePath).Count();
                parsed.InvocationConfiguration.Output.WriteLine(
                    $"{part.Name}: {faces.Count} faces of {pictures} pictures");
            }
            return 0;
        });
    }

    private static SplitPart[]? ParseParts(ArgumentResult result)
    {
        var parts = new List<SplitPart>();
        foreach (var text in result.Tokens.SelectMany(t => t.Value.Split(',')))
        {
            var sign = text.IndexOf('=');
            var name = sign < 0 ? "" : text[..sign];
            if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
                || !double.TryParse(text[(sign + 1)..], CultureInfo.InvariantCulture, out var share) || !(share > 0))
            {
                result.AddError(
                    $"--parts: '{text}' is no NAME=SHARE with letters, digits, - and _ and a share above 0.");
                return null;
            }
            parts.Add(new SplitPart(name, share));
        }
        var sum = parts.Sum(p => p.Share);
        if (Math.Abs(sum - 1) > 1e-6)
            result.AddError(FormattableString.Invariant($"--parts: the shares sum to {sum}, expected 1."));
        if (parts.DistinctBy(p => p.Name.ToUpperInvariant()).Count() < parts.Count)
            result.AddError("--parts: two parts of one name.");
        return [.. parts];
    }
}

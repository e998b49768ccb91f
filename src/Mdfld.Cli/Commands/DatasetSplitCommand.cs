using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Mdfld.Cli.DataSets;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld dataset split</c>: parts that share no picture.</summary>
internal static class DatasetSplitCommand
{
    public static Command Create()
    {
        var source = new AnnotationSource();
        var output = DatasetOptions.Output();
        var parts = new Option<SplitPart[]>("--parts")
        {
            Description = "Names and shares, such as train=0.8,val=0.2",
            HelpName = "NAME=SHARE,...",
            Required = true,
            CustomParser = ParseParts,
        };
        var seed = new Option<int>("--seed") { Description = "Decides which picture goes where", HelpName = "N" };
        var by = new Option<string>("--by")
        {
            Description = "image: each style is divided alike; style: a style is in one part only",
            DefaultValueFactory = _ => "image",
        };
        by.AcceptOnlyFromAmong("image", "style");
        var to = DatasetOptions.To();
        to.DefaultValueFactory = _ => "star";
        var copy = DatasetOptions.Copy();
        var command = new Command("split", "Divides labelled faces into parts that share no picture.") { output };
        source.AddTo(command);
        foreach (var option in (Option[])[parts, seed, by, to, copy])
            command.Add(option);
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                using var folder = DatasetOptions.NewFolder(parsed.GetRequiredValue(output));
                var format = AnnotationFormats.ByName(parsed.GetRequiredValue(to));
                var (set, wanted) = (source.Read(parsed), parsed.GetRequiredValue(parts));
                var divided = DatasetSplit.Divide(set, wanted, parsed.GetValue(seed), parsed.GetValue(by) == "style");
                if (Array.FindIndex(divided, d => d.Count == 0) is >= 0 and var empty)
                {
                    throw new InvalidDataException(
                        $"{source.Path(parsed)}: too little in it: nothing is left for {wanted[empty].Name}");
                }
                for (var i = 0; i < divided.Length; i++)
                {
                    var part = set with { Faces = divided[i] };
                    var to = Path.Combine(folder.Path, wanted[i].Name);
                    DatasetWriter.Write(part, format, to, parsed.GetValue(copy), stop);
                }
                folder.Publish();
                for (var i = 0; i < divided.Length; i++)
                {
                    var pictures = divided[i].DistinctBy(f => f.ImagePath).Count();
                    parsed.InvocationConfiguration.Output.WriteLine(
                        $"{wanted[i].Name}: {divided[i].Count} faces of {pictures} pictures");
                }
                return 0;
            },
            CancellationToken.None));
        return command;
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

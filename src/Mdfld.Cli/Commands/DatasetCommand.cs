using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using Mdfld.Cli.DataSets;
using Mdfld.Diffusion.Synthesis;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld dataset</c>: labelled faces in other people's formats.</summary>
internal static class DatasetCommand
{
    public static Command Create() => new("dataset", "Converts, inspects, shows, splits and verifies labelled faces.")
    {
        Convert(), Inspect(), Preview(), Split(), Verify(), DatasetStylesCommand.Create(),
    };

    private static Command Convert()
    {
        var source = new Source();
        var output = Output();
        var to = To();
        to.Required = true;
        var points = new Option<int?>("--points")
        {
            Description = "Points to write; 98 are turned into 68",
            HelpName = "N",
        };
        points.AcceptOnlyFromAmong("68", "98", "29");
        var origin = Pixel("--to-pixel", "What OUT is to call the centre of the top-left pixel: 0 or 1");
        var copy = Copy();
        var command = new Command("convert", "Writes labelled faces in another format.") { output };
        source.AddTo(command, 0);
        foreach (var option in (Option[])[to, points, origin, copy])
            command.Add(option);
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                using var folder = NewFolder(parsed.GetRequiredValue(output));
                var format = AnnotationFormats.ByName(parsed.GetRequiredValue(to));
                var set = source.Read(parsed);
                if (parsed.GetValue(points) is { } count)
                    set = set with { Faces = [.. set.Faces.Select(f => WithPoints(f, count))] };
                set = Moved(set, parsed.GetValue(origin));
                DataSetWriter.Write(set, format, folder.Path, parsed.GetValue(copy), stop);
                folder.Publish();
                var pictures = set.Faces.DistinctBy(f => f.ImagePath).Count();
                var lost = !format.KeepsStyles && set.Faces.Any(f => f.Style is not null)
                    ? $"; styles are not kept by {format.Name}" : "";
                parsed.InvocationConfiguration.Output.WriteLine(
                    $"{parsed.GetRequiredValue(output)}: {set.Faces.Count} faces of {pictures} pictures{lost}");
                return 0;
            },
            CancellationToken.None));
        return command;
    }

    private static Command Inspect()
    {
        var source = new Source();
        var smallest = new Option<float>("--min-face")
        {
            Description = "Faces whose longest side is less are called tiny",
            HelpName = "PIXELS",
            DefaultValueFactory = _ => 32,
        };
        var asJson = new Option<bool>("--json") { Description = "Prints one JSON object with every problem" };
        var command = new Command("inspect", "Counts what there is and lists what is wrong; exit code 1 where it is.");
        source.AddTo(command);
        command.Add(smallest);
        command.Add(asJson);
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                var found = DataSetInspection.Of(source.Read(parsed), parsed.GetValue(smallest), stop);
                var output = parsed.InvocationConfiguration.Output;
                if (parsed.GetValue(asJson))
                    output.WriteLine(InspectionReport.Json(found));
                else
                    InspectionReport.Print(found, source.Path(parsed), output);
                return found.Problems.Count > 0 ? CommandLine.Failed : 0;
            },
            CancellationToken.None));
        return command;
    }

    private static Command Preview()
    {
        var source = new Source();
        var output = new Option<string>("--out")
        {
            Description = "Folder to write sheets into, new or empty",
            HelpName = "DIR",
            Required = true,
        };
        var most = SharedOptions.Number("--faces", "N", "Faces shown; of more, evenly spread ones", 120, 1, 10_000);
        var size = SharedOptions.Number("--size", "PIXELS", "Side of a face on the sheet", 192, 32, 1024);
        var command = new Command("preview", "Draws sheets of faces with their points, style by style.");
        source.AddTo(command);
        foreach (var option in (Option[])[output, most, size])
            command.Add(option);
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                using var folder = NewFolder(parsed.GetRequiredValue(output));
                var (configuration, failed) = (parsed.InvocationConfiguration, 0);
                DataSetPreview.Write(
                    source.Read(parsed), parsed.GetValue(most), parsed.GetValue(size), folder.Path, Complain, stop);
                folder.Publish();
                return failed > 0 ? CommandLine.Failed : 0;

                void Complain(string message)
                {
                    failed++;
                    configuration.Error.WriteLine($"mdfld: {message}");
                }
            },
            CancellationToken.None));
        return command;
    }

    private static Command Split()
    {
        var source = new Source();
        var output = Output();
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
        var to = To();
        to.DefaultValueFactory = _ => "star";
        var copy = Copy();
        var command = new Command("split", "Divides labelled faces into parts that share no picture.") { output };
        source.AddTo(command, 0);
        foreach (var option in (Option[])[parts, seed, by, to, copy])
            command.Add(option);
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                using var folder = NewFolder(parsed.GetRequiredValue(output));
                var format = AnnotationFormats.ByName(parsed.GetRequiredValue(to));
                var (set, wanted) = (source.Read(parsed), parsed.GetRequiredValue(parts));
                var divided = DataSetSplit.Divide(set, wanted, parsed.GetValue(seed), parsed.GetValue(by) == "style");
                if (Array.FindIndex(divided, d => d.Count == 0) is >= 0 and var empty)
                {
                    throw new InvalidDataException(
                        $"{source.Path(parsed)}: too little in it: nothing is left for {wanted[empty].Name}");
                }
                for (var i = 0; i < divided.Length; i++)
                {
                    var part = set with { Faces = divided[i] };
                    var to = Path.Combine(folder.Path, wanted[i].Name);
                    DataSetWriter.Write(part, format, to, parsed.GetValue(copy), stop);
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

    /// <exception cref="UsageException">There is a file of that name, or a folder with something in it.</exception>
    private static WholeFolder NewFolder(string path)
    {
        if (File.Exists(path))
            throw new UsageException($"{path}: this is a file, expected a folder to be made");
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new UsageException($"{path}: this folder holds something already; name a new or empty one");
        return new WholeFolder(path);
    }

    private static Command Verify()
    {
        var folder = new Argument<string>("DIR") { Description = "What mdfld generate wrote" };
        var command = new Command(
            "verify", "Checks every file of a generated data set; exit code 1 where one is wrong.")
        {
            folder,
        };
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                var path = parsed.GetRequiredValue(folder);
                if (!Directory.Exists(path))
                    throw new UsageException($"{path}: no such folder");
                var found = DatasetVerification.Of(path, stop);
                var output = parsed.InvocationConfiguration.Output;
                foreach (var defect in found.Defects)
                    output.WriteLine($"{defect.File}: {defect.Detail}");
                var result = found.Defects.Count == 0 ? "no problems" : $"{found.Defects.Count} problems";
                output.WriteLine($"{path}: {found.Pairs} pairs in {found.Styles} styles, {result}");
                return found.Defects.Count > 0 ? CommandLine.Failed : 0;
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

    private static LabelledFace WithPoints(LabelledFace face, int count)
    {
        try
        {
            return face.To(LandmarkScheme.ForCount(count));
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"--points {count}: {e.Message}");
        }
    }

    private static FaceSet Moved(FaceSet set, int pixels) =>
        pixels == 0 ? set : set with { Faces = [.. set.Faces.Select(f => f.Moved(new Vector2(pixels)))] };

    private static Argument<string> Output() => new("OUT") { Description = "Folder to write, new or empty" };

    private static Option<bool> Copy() => new("--copy") { Description = "Copies the pictures too, into OUT's images/" };

    private static Option<string> To()
    {
        var option = new Option<string>("--to") { Description = "Format to write", HelpName = "FORMAT" };
        option.AcceptOnlyFromAmong([.. AnnotationFormats.All.Where(f => f.IsWritten).Select(f => f.Name)]);
        return option;
    }

    private static Option<int> Pixel(string name, string description)
    {
        var option = new Option<int>(name)
        {
            Description = description,
            HelpName = "0|1",
            DefaultValueFactory = _ => 0,
        };
        option.AcceptOnlyFromAmong("0", "1");
        return option;
    }

    /// <summary>What every command here reads: the argument IN and how to take it.</summary>
    private sealed class Source
    {
        private readonly Argument<string> _path = new("IN")
        {
            Description = "Annotations: a file, or a folder that holds them",
        };

        private readonly Option<string> _format = new("--from")
        {
            Description = "Format of IN",
            HelpName = "FORMAT",
            DefaultValueFactory = _ => "auto",
        };

        private readonly Option<string?> _pictures = new("--images")
        {
            Description = "Folder of the pictures [default: images/ beside the annotations, or their own folder]",
            HelpName = "DIR",
        };

        private readonly Option<int> _pixel =
            Pixel("--from-pixel", "What IN calls the centre of the top-left pixel: 0 or 1");

        public Source() => _format.AcceptOnlyFromAmong(["auto", .. AnnotationFormats.All.Select(f => f.Name)]);

        public void AddTo(Command command, int place = 0)
        {
            command.Arguments.Insert(place, _path);
            command.Add(_format);
            command.Add(_pictures);
            command.Add(_pixel);
        }

        public string Path(ParseResult parsed) => parsed.GetRequiredValue(_path);

        public FaceSet Read(ParseResult parsed)
        {
            var (path, name, pictures) = (Path(parsed), parsed.GetRequiredValue(_format), parsed.GetValue(_pictures));
            if (!System.IO.Path.Exists(path))
                throw new UsageException($"{path}: no such file or folder");
            if (pictures is not null && !Directory.Exists(pictures))
                throw new UsageException($"--images {pictures}: no such folder");
            var format = name == "auto" ? null : AnnotationFormats.ByName(name);
            return Moved(FaceSet.Read(path, format, pictures), -parsed.GetValue(_pixel));
        }
    }
}

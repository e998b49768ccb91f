using Mdfld.Training.Star;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Mdfld.Training;

/// <summary>Reads recipes; names are written with underscores, unknown ones are errors.</summary>
public static class RecipeFile
{
    /// <summary>Reads a recipe and applies changes from the command line.</summary>
    /// <param name="path">A YAML file.</param>
    /// <param name="changes">"key=value", keys as in the file, nested with dots, list items by number:
    /// <c>phases.1.steps=200</c>.</param>
    /// <exception cref="InvalidDataException">The file is no recipe; the message says where.</exception>
    /// <exception cref="ArgumentException">A change names nothing a recipe has.</exception>
    public static Recipe Read(string path, IEnumerable<string>? changes = null)
    {
        var recipe = Read<Recipe>(path, changes);
        Check(recipe, path);
        return recipe;
    }

    /// <summary>Reads a file of any kind of recipe.</summary>
    /// <exception cref="InvalidDataException">The file is no recipe of this kind; the message says where.</exception>
    /// <exception cref="ArgumentException">A change names nothing a recipe has.</exception>
    /// <param name="path">A YAML file.</param>
    /// <param name="changes">As above.</param>
    /// <param name="map">Says which lists stand for the interfaces in this kind of recipe.</param>
    public static T Read<T>(
        string path, IEnumerable<string>? changes, Func<DeserializerBuilder, DeserializerBuilder>? map = null)
    {
        var stream = new YamlStream();
        try
        {
            using var reader = File.OpenText(path);
            stream.Load(reader);
        }
        catch (YamlException e)
        {
            throw new InvalidDataException($"{path}, line {e.Start.Line}: {e.Message}", e);
        }
        if (stream.Documents.Count != 1 || stream.Documents[0].RootNode is not YamlMappingNode root)
            throw new InvalidDataException($"{path}: expected one list of 'key: value' lines");
        foreach (var change in changes ?? [])
            Apply(root, change);

        var text = new StringWriter();
        stream.Save(text, assignAnchors: false);
        try
        {
            var builder = new DeserializerBuilder()
                .WithNamingConvention(UnderscoredNamingConvention.Instance)
                .WithTypeMapping<IReadOnlyList<Phase>, List<Phase>>()
                .WithTypeMapping<IReadOnlyList<DataRecipe>, List<DataRecipe>>()
                .WithTypeMapping<IReadOnlyList<string>, List<string>>()
                .WithEnforceRequiredMembers();
            return (map?.Invoke(builder) ?? builder)
                .Build()
                .Deserialize<T>(text.ToString());
        }
        catch (YamlException e)
        {
            throw new InvalidDataException(
                $"{path}: {e.InnerException?.Message ?? e.Message} (near line {e.Start.Line})", e);
        }
    }

    private static void Apply(YamlMappingNode root, string change)
    {
        var equals = change.IndexOf('=');
        if (equals <= 0)
            throw new ArgumentException($"'{change}' changes nothing: expected KEY=VALUE");
        var keys = change[..equals].Split('.');
        YamlNode node = root;
        for (var i = 0; i < keys.Length - 1; i++)
        {
            node = node switch
            {
                YamlSequenceNode list when int.TryParse(keys[i], out var n) && n >= 0 && n < list.Children.Count =>
                    list.Children[n],
                YamlMappingNode map when map.Children.TryGetValue(keys[i], out var child) => child,
                YamlMappingNode map => Add(map, keys[i]),
                _ => throw new ArgumentException(
                    $"'{change}': the recipe has no '{string.Join('.', keys[..(i + 1)])}'"),
            };
        }
        var value = new YamlScalarNode(change[(equals + 1)..]);
        switch (node)
        {
            case YamlMappingNode map:
                map.Children[keys[^1]] = value;
                break;
            case YamlSequenceNode list when int.TryParse(keys[^1], out var n) && n >= 0 && n < list.Children.Count:
                list.Children[n] = value;
                break;
            default:
                throw new ArgumentException($"'{change}': the recipe has no '{change[..equals]}'");
        }

        static YamlMappingNode Add(YamlMappingNode map, string key)
        {
            var child = new YamlMappingNode();
            map.Children[key] = child;
            return child;
        }
    }

    private static void Check(Recipe recipe, string path)
    {
        if (recipe.Phases is null || recipe.Data is null || recipe.Validation is null
            || recipe.Data.Any(d => string.IsNullOrEmpty(d?.Name)))
            throw new InvalidDataException($"{path}: 'phases', 'data' or 'validation' is empty");
        if (recipe.Optimiser is null || recipe.Augmentation is null || recipe.Loss is null || recipe.Star is null
            || recipe.Finder is null)
            throw new InvalidDataException($"{path}: 'optimiser', 'augmentation', 'loss', 'star' or 'finder' is empty");
        if (recipe.Data.Any(d => d.Repeat < 1) || recipe.ValidateEvery < 1)
            throw new InvalidDataException($"{path}: 'repeat' and 'validate_every' begin at 1");
        if (recipe.Data.FirstOrDefault(d => d.LabelShift is not (> -0.2f and < 0.2f)) is { } shifted)
            throw new InvalidDataException(
                $"{path}: '{shifted.Name}' with a label_shift of {shifted.LabelShift}; expected -0.2 to 0.2");
        if (recipe.Data.FirstOrDefault(d => d.PlainProbability is not (null or >= 0 and <= 1)) is { } plain)
            throw new InvalidDataException(
                $"{path}: '{plain.Name}' with a plain_probability of {plain.PlainProbability}; expected 0 to 1");
        if (recipe.Width is < 0.125 or > 4)
            throw new InvalidDataException($"{path}: a width of {recipe.Width}; expected 0.125 to 4");
        if (recipe.Stacks is < 1 or > 8)
            throw new InvalidDataException($"{path}: {recipe.Stacks} stacks; expected 1 to 8");
        if (recipe.Network == NetworkKind.Star && recipe.Phases.Any(p => p.Size != StarOptions.CropSize))
            throw new InvalidDataException(
                $"{path}: star takes crops of {StarOptions.CropSize}: set the size of every phase");
        if (recipe.Phases.Count == 0 || recipe.Phases.Any(p => p.Steps <= 0))
            throw new InvalidDataException($"{path}: expected at least one phase, each of at least one step");
        if (recipe.Data.Count == 0)
            throw new InvalidDataException($"{path}: expected at least one folder under 'data'");
        if (recipe.Data.FirstOrDefault(d => d.Name.TrimEnd('/').EndsWith("-val", StringComparison.Ordinal)) is { } val)
            throw new InvalidDataException($"{path}: '{val.Name}' is for validation; nothing is trained on it");
        if (recipe.Batch < 1 || recipe.Replicas < 1 || recipe.Accumulate < 1
            || recipe.Batch % (recipe.Replicas * recipe.Accumulate) != 0)
        {
            throw new InvalidDataException(
                $"{path}: a batch of {recipe.Batch} cannot be shared by {recipe.Replicas} replicas"
                + (recipe.Accumulate == 1 ? "" : $" in {recipe.Accumulate} parts"));
        }
        if (recipe.Teacher is { } teacher)
        {
            if (recipe.Network != NetworkKind.Compact)
                throw new InvalidDataException($"{path}: a teacher teaches the compact network only");
            if (string.IsNullOrEmpty(teacher.From) || teacher.Share is not (>= 0 and <= 1))
                throw new InvalidDataException($"{path}: a teacher needs a file as 'from' and a 'share' from 0 to 1");
            if (recipe.Batch % (recipe.Replicas * recipe.Accumulate * recipe.Looks) != 0)
                throw new InvalidDataException(
                    $"{path}: a teacher wants pairs, and each replica's share of a batch of {recipe.Batch} is odd");
        }
        if (recipe.Finder.Shows < 1
            || (recipe.Network == NetworkKind.Finder && recipe.Batch % recipe.Finder.Shows != 0))
            throw new InvalidDataException(
                $"{path}: a batch of {recipe.Batch} cannot be made of scenes shown {recipe.Finder.Shows} times");
        if (recipe.Finder.HoldOut < 2)
            throw new InvalidDataException($"{path}: a hold_out of {recipe.Finder.HoldOut}; expected at least 2");
        if (recipe.Phases.FirstOrDefault(p => p.Size % 32 != 0 || p.Size < 64) is { } phase)
            throw new InvalidDataException($"{path}: a crop of {phase.Size}; expected a multiple of 32 from 64 on");
    }
}

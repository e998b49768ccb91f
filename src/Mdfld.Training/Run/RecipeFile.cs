using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Mdfld.Training;

/// <summary>What a YAML file, or a part of one, says.</summary>
public interface IRecipe
{
    /// <summary>What is wrong with it beyond what its types allow, or null.</summary>
    string? Fault();
}

/// <summary>
/// Reads recipes. Keys are the names of a record's properties, written with underscores; an unknown one, or a value of
/// another type, is an error that names the line.
/// </summary>
public static class RecipeFile
{
    private const int MaxBytes = 1 << 20;
    private const int MaxDepth = 16;

    // What messages call all of the file.
    private const string Root = "the recipe";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        RespectNullableAnnotations = true,
    };

    /// <summary>Reads a recipe and applies changes from the command line.</summary>
    /// <param name="changes">"key=value", keys as in the file, nested with dots, list items by number:
    /// <c>phases.1.steps=200</c>; a value may be a list: <c>validation=[real-val, art-val]</c>.</param>
    /// <exception cref="InvalidDataException">The file is no such recipe; the message says where.</exception>
    /// <exception cref="ArgumentException">A change names nothing a recipe has.</exception>
    public static T Read<T>(string path, IEnumerable<string>? changes = null) where T : IRecipe =>
        Parse<T>(TextOf(path), path, changes);

    /// <summary>As above, of the text of a file.</summary>
    /// <exception cref="InvalidDataException">It is no such recipe; the message says where.</exception>
    /// <exception cref="ArgumentException">A change names nothing a recipe has.</exception>
    public static T Parse<T>(string text, string path, IEnumerable<string>? changes = null) where T : IRecipe
    {
        var root = Load(text, path);
        foreach (var change in changes ?? [])
            Apply(root, change);
        return Convert(path, root, typeof(T), Root).Deserialize<T>(Json)!;
    }

    /// <summary>The text of a key of the file, or null; where the kind of recipe depends on it.</summary>
    /// <exception cref="InvalidDataException">The file is no recipe; the message says where.</exception>
    internal static string? TextOf(string path, string key) =>
        Load(TextOf(path), path).Children.TryGetValue(key, out var node) ? (node as YamlScalarNode)?.Value : null;

    /// <summary>The JSON schema of a kind of recipe, for editors.</summary>
    public static string SchemaOf<T>() where T : IRecipe =>
        Json.GetJsonSchemaAsNode(typeof(T), new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true })
            .ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";

    private static string TextOf(string path) => new FileInfo(path) is { Exists: true, Length: > MaxBytes }
        ? throw new InvalidDataException($"{path}: larger than any recipe: {MaxBytes >> 20} MB are read at most")
        : File.ReadAllText(path);

    private static YamlMappingNode Load(string text, string path)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            Measure(path, parser);
            parser = new Parser(new StringReader(text));
            var stream = new YamlStream();
            stream.Load(parser);
            return stream.Documents is [{ RootNode: YamlMappingNode root }]
                ? root : throw new InvalidDataException($"{path}: expected one list of 'key: value' lines");
        }
        catch (YamlException e)
        {
            throw new InvalidDataException($"{path}, line {e.Start.Line}: {e.Message}", e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The parser's own confusion, after a bracket that is never closed or a document that ends early.
            var line = parser.Current?.Start.Line ?? 1;
            throw new InvalidDataException($"{path}, line {line}: no YAML; is a bracket or quote left open?", e);
        }
    }

    /// <summary>Refuses what would take more stack or memory than it has characters.</summary>
    private static void Measure(string path, Parser parser)
    {
        for (var depth = 0; parser.MoveNext();)
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > MaxDepth || parser.Current is AnchorAlias)
            {
                throw new InvalidDataException(
                    $"{path}, line {parser.Current.Start.Line}: nested deeper than {MaxDepth} levels, or an alias (*): "
                    + "recipes have neither");
            }
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
        var text = change[(equals + 1)..];
        var value = text.StartsWith('[')
            ? Load($"list: {text}", $"'{change}'").Children["list"] : new YamlScalarNode(text) { Style = ScalarStyle.Plain };
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

    /// <summary>A node as the JSON of a type, or an error that names its line and what was expected there.</summary>
    private static JsonNode? Convert(string path, YamlNode node, Type type, string key)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        var info = Json.GetTypeInfo(plain);
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object:
                return node is YamlMappingNode map
                    ? ConvertObject(path, map, info, key) : throw Bad("'key: value' lines");
            case JsonTypeInfoKind.Enumerable:
                var element = plain.IsArray ? plain.GetElementType()! : plain.GetGenericArguments()[0];
                return node is YamlSequenceNode list
                    ? new JsonArray([.. list.Select((item, i) => Convert(path, item, element, $"{key}.{i}")
                        ?? throw new InvalidDataException($"{path}{Line(item)}: '{key}.{i}' has no value"))])
                    : throw Bad("a list");
            case JsonTypeInfoKind.Dictionary:
                var value = plain.GetGenericArguments()[1];
                return node is YamlMappingNode entries
                    ? new JsonObject(entries.Select(e => KeyValuePair.Create(
                        (e.Key as YamlScalarNode)?.Value ?? "", Convert(path, e.Value, value, $"{key}.{e.Key}"))))
                    : throw Bad("'key: value' lines");
            default:
                return node is YamlScalarNode scalar ? ConvertScalar(scalar.Value ?? "") : throw Bad("one value");
        }

        JsonNode? ConvertScalar(string text)
        {
            if (IsNull(node))
                return type != plain || !type.IsValueType ? null : throw Bad("a value");
            if (plain == typeof(string))
                return text;
            if (plain == typeof(bool))
                return bool.TryParse(text, out var flag) ? flag : throw Bad("true or false");
            if (plain.IsEnum)
            {
                string[] names = [.. Enum.GetNames(plain).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];
                var name = names.FirstOrDefault(n => Same(n, text));
                return name ?? throw Bad($"one of {string.Join(", ", names)}");
            }
            if (plain == typeof(int))
                return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
                    ? whole : throw Bad("a whole number");
            var isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number);
            return isNumber && double.IsFinite(plain == typeof(float) ? (float)number : number)
                ? number : throw Bad("a number");
        }

        InvalidDataException Bad(string expected) => new(
            $"{path}{Line(node)}: '{key}' is {(node as YamlScalarNode is { } s ? $"'{s.Value}'" : "a list or lines")}; "
            + $"expected {expected}");
    }

    private static JsonObject ConvertObject(string path, YamlMappingNode map, JsonTypeInfo info, string key)
    {
        var result = new JsonObject();
        foreach (var (name, child) in map.Children)
        {
            var text = (name as YamlScalarNode)?.Value ?? "";
            var property = info.Properties.FirstOrDefault(p => p.Name == text && p.Set is not null)
                ?? throw new InvalidDataException(
                    $"{path}{Line(name)}: '{text}' is no key of {key}; {Nearest(text, info.Properties)}");
            result[text] = property.IsSetNullable && IsNull(child) ? null : Convert(path, child, property.PropertyType, text);
            if (result[text] is null && !property.IsSetNullable)
                throw new InvalidDataException($"{path}{Line(name)}: '{text}' has no value");
        }
        var missing = info.Properties.FirstOrDefault(p => p.IsRequired && !result.ContainsKey(p.Name));
        if (missing is not null)
            throw new InvalidDataException($"{path}{Line(map)}: {key} needs '{missing.Name}'");
        return typeof(IRecipe).IsAssignableFrom(info.Type)
            && ((IRecipe)result.Deserialize(info.Type, Json)!).Fault() is { } fault
            ? throw new InvalidDataException($"{path}{(key == Root ? "" : Line(map))}: {fault}") : result;
    }

    private static bool IsNull(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };

    private static string Line(YamlNode node) => node.Start.Line > 0 ? $", line {node.Start.Line}" : "";

    // adamw and adam_w are the same.
    private static bool Same(string a, string b) =>
        string.Equals(a.Replace("_", ""), b.Replace("_", ""), StringComparison.OrdinalIgnoreCase);

    private static string Nearest(string word, IEnumerable<JsonPropertyInfo> known)
    {
        string[] names = [.. known.Where(p => p.Set is not null).Select(p => p.Name)];
        var nearest = names.MinBy(name => Distance(word, name))!;
        return Distance(word, nearest) <= Math.Max(2, word.Length / 3)
            ? $"is it '{nearest}'?" : $"it has {string.Join(", ", names.Order(StringComparer.Ordinal))}";
    }

    /// <summary>Letters to change, insert or leave out (Levenshtein 1966).</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (var i = 0; i < a.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 0; j < b.Length; j++)
            {
                var best = Math.Min(Math.Min(row[j], row[j + 1]) + 1, diagonal + (a[i] == b[j] ? 0 : 1));
                (diagonal, row[j + 1]) = (row[j + 1], best);
            }
        }
        return row[^1];
    }
}

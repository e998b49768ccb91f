using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mdfld.Tests.Cli;

/// <summary>
/// As much of JSON Schema 2020-12 as docs/detection.schema.json uses; a keyword it does not know is an error.
/// </summary>
internal sealed class SmallSchema(JsonNode root)
{
    /// <summary>What is wrong with a value; empty when nothing is.</summary>
    public IReadOnlyList<string> Errors(JsonNode? value)
    {
        var errors = new List<string>();
        Check(root, value, "$", errors);
        return errors;
    }

    private void Check(JsonNode schema, JsonNode? value, string at, List<string> errors)
    {
        foreach (var (keyword, rule) in schema.AsObject())
        {
            var isRight = keyword switch
            {
                "$schema" or "title" or "description" or "$defs" => true,
                "$ref" => Refer(rule!.GetValue<string>(), value, at, errors),
                "const" => JsonNode.DeepEquals(rule, value),
                "enum" => rule!.AsArray().Any(allowed => JsonNode.DeepEquals(allowed, value)),
                "type" => IsOf(rule!.GetValue<string>(), value),
                "minimum" => !IsOf("number", value) || value!.GetValue<double>() >= rule!.GetValue<double>(),
                "maximum" => !IsOf("number", value) || value!.GetValue<double>() <= rule!.GetValue<double>(),
                "minItems" => value is not JsonArray some || some.Count >= rule!.GetValue<int>(),
                "maxItems" => value is not JsonArray many || many.Count <= rule!.GetValue<int>(),
                "required" => value is not JsonObject
                    || rule!.AsArray().All(name => value[name!.GetValue<string>()] is not null),
                "properties" => Properties(rule!, value, at, errors),
                "additionalProperties" => Others(rule!, schema["properties"], value, at, errors),
                "items" => Items(rule!, value, at, errors),
                _ => throw new NotSupportedException($"{keyword} in the schema at {at}"),
            };
            if (!isRight)
                errors.Add($"{at}: {keyword}");
        }
    }

    private bool Refer(string target, JsonNode? value, string at, List<string> errors)
    {
        var schema = target.Split('/').Skip(1).Aggregate(root, (node, part) => node[part]!);
        Check(schema, value, at, errors);
        return true;
    }

    private bool Properties(JsonNode rule, JsonNode? value, string at, List<string> errors)
    {
        foreach (var (name, schema) in rule.AsObject())
        {
            if (value is JsonObject known && known.TryGetPropertyValue(name, out var inner))
                Check(schema!, inner, $"{at}.{name}", errors);
        }
        return true;
    }

    private bool Others(JsonNode rule, JsonNode? named, JsonNode? value, string at, List<string> errors)
    {
        foreach (var (name, inner) in value as JsonObject ?? [])
        {
            if (named?[name] is null)
                Check(rule, inner, $"{at}.{name}", errors);
        }
        return true;
    }

    private bool Items(JsonNode rule, JsonNode? value, string at, List<string> errors)
    {
        if (value is JsonArray array)
        {
            for (var i = 0; i < array.Count; i++)
                Check(rule, array[i], $"{at}[{i}]", errors);
        }
        return true;
    }

    private static bool IsOf(string type, JsonNode? value) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value?.GetValueKind() == JsonValueKind.String,
        "number" => value?.GetValueKind() == JsonValueKind.Number,
        "integer" => IsOf("number", value) && value!.GetValue<double>() % 1 == 0,
        _ => throw new NotSupportedException(type),
    };
}

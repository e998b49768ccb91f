using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mdfld.Diffusion;

/// <summary>diffusers writes "the same for every level" as a number, and one number a level as a list.</summary>
internal sealed class NumberOrListConverter : JsonConverter<NumberOrList>
{
    public override NumberOrList Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
            return reader.GetInt32();
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("expected a number or a list of numbers");
        return new(JsonSerializer.Deserialize<int[]>(ref reader, options)!);
    }

    public override void Write(Utf8JsonWriter writer, NumberOrList value, JsonSerializerOptions options)
    {
        if (value.Values is [var only] && !value.IsList)
            writer.WriteNumberValue(only);
        else
            JsonSerializer.Serialize(writer, value.Values, options);
    }
}

using System.CommandLine.Completions;
using System.CommandLine.Parsing;

namespace Mdfld.Cli;

/// <content>Ways to make options; numbers are read in one way, whatever the language of the machine.</content>
internal static partial class SharedOptions
{
    public static Option<T> Value<T>(string name, string help, string description, T byDefault) =>
        new(name) { Description = description, HelpName = help, DefaultValueFactory = _ => byDefault };

    public static Option<string?> Text(string name, string help, string description) =>
        new(name) { Description = description, HelpName = help };

    public static Option<string> Required(string name, string help, string description) =>
        new(name) { Description = description, HelpName = help, Required = true };

    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    /// <summary>A whole number.</summary>
    public static Option<int> Number(string name, string help, string description, int byDefault) =>
        Number(name, help, description, byDefault, int.MinValue, int.MaxValue);

    /// <summary>A number from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public static Option<T> Number<T>(string name, string help, string description, T byDefault, T low, T high)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        var option = Value(name, help, description, byDefault);
        option.CustomParser = result => Parse(result, name, low, high) ?? byDefault;
        return option;
    }

    /// <summary>A number from <paramref name="low"/> to <paramref name="high"/>, or none.</summary>
    public static Option<T?> NumberOrNone<T>(string name, string help, string description, T low, T high)
        where T : struct, INumber<T>, IMinMaxValue<T> => new(name)
        {
            Description = description,
            HelpName = help,
            CustomParser = result => Parse(result, name, low, high),
        };

    /// <summary>One of several words, the first of them by default.</summary>
    public static Option<string> Choice(string name, string description, params string[] words) =>
        new Option<string>(name) { Description = description, DefaultValueFactory = _ => words[0] }.Only(words);

    /// <summary>One of several words, or none.</summary>
    public static Option<string?> ChoiceOrNone(string name, string description, params string[] words) =>
        new Option<string?>(name) { Description = description }.Only(words);

    /// <summary>Lets an option be no other than these words.</summary>
    public static Option<T> Only<T>(this Option<T> option, params string[] words)
    {
        option.HelpName ??= string.Join('|', words);
        option.CompletionSources.Add(_ => words.Select(word => new CompletionItem(word)));
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !words.Contains(token.Value))
            {
                var nearest = Spelling.Nearest(token.Value, words) is { } near ? $"; did you mean {near}?" : ".";
                result.AddError($"{option.Name} '{token.Value}': expected {string.Join(", ", words)}{nearest}");
            }
        });
        return option;
    }

    /// <summary>Has an option of numbers read as all are, which it would be by the parser's own rules.</summary>
    public static void ReadInOneWay(Option option)
    {
        switch (option)
        {
            case Option<int> { CustomParser: null } o:
                o.CustomParser = result => Any<int>(result, o) ?? 0;
                break;
            case Option<int?> { CustomParser: null } o:
                o.CustomParser = result => Any<int>(result, o);
                break;
            case Option<long> { CustomParser: null } o:
                o.CustomParser = result => Any<long>(result, o) ?? 0;
                break;
            case Option<float> { CustomParser: null } o:
                o.CustomParser = result => Any<float>(result, o) ?? 0;
                break;
            case Option<float?> { CustomParser: null } o:
                o.CustomParser = result => Any<float>(result, o);
                break;
            case Option<double> { CustomParser: null } o:
                o.CustomParser = result => Any<double>(result, o) ?? 0;
                break;
            case Option<double?> { CustomParser: null } o:
                o.CustomParser = result => Any<double>(result, o);
                break;
        }

        static T? Any<T>(ArgumentResult result, Option option)
            where T : struct, INumber<T>, IMinMaxValue<T> => Parse(result, option.Name, T.MinValue, T.MaxValue);
    }

    private static T? Parse<T>(ArgumentResult result, string name, T low, T high)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        var text = result.Tokens[0].Value;
        var isWhole = T.IsInteger(T.One / (T.One + T.One));
        // Never a thousands separator: 12,5 is not 125.
        var style = isWhole ? NumberStyles.AllowLeadingSign : NumberStyles.Float;
        if (T.TryParse(text, style, CultureInfo.InvariantCulture, out var number) && number >= low && number <= high)
            return number;
        var kind = isWhole ? "a whole number" : "a number";
        var range = (low == T.MinValue, high == T.MaxValue) switch
        {
            (true, true) => "",
            (false, true) => string.Create(CultureInfo.InvariantCulture, $" of at least {low}"),
            _ => string.Create(CultureInfo.InvariantCulture, $" from {low} to {high}"),
        };
        var point = text.Contains(',') ? ", with a point before its decimals" : "";
        result.AddError($"{name} '{text}': expected {kind}{range}{point}.");
        return null;
    }
}

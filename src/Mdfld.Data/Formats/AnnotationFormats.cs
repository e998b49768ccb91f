using System.Collections.Immutable;

namespace Mdfld.Data;

/// <summary>The annotation formats there are.</summary>
public static class AnnotationFormats
{
    /// <summary>All of them; each knows its own files from those of the others.</summary>
    public static ImmutableArray<IAnnotationFormat> All { get; } =
    [
        new StarFormat(), new PtsFormat(), new LjsonFormat(), new WflwFormat(), new CofwFormat(), new CariFaceFormat(),
        new FaceSyntheticsFormat(), new CocoFormat(), new CvatFormat(), new LabelStudioFormat(), new CsvFormat(),
        new JsonFormat(),
    ];

    /// <summary>The format with this <see cref="IAnnotationFormat.Name"/>, in any case.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static IAnnotationFormat ByName(string name) =>
        All.FirstOrDefault(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException(
            $"no annotation format is called '{name}'; known are {string.Join(", ", All.Select(f => f.Name))}",
            nameof(name));
}

using System.Numerics;

namespace Mdfld.Torch.Checkpoints.Pickle;

/// <summary>The plain values a pickle may consist of.</summary>
internal static class PickleValues
{
    private const int MaxDepth = 64;

    public static CheckpointDictionary SetItems(CheckpointDictionary target, object?[] items, PickleCursor cursor)
    {
        if (items.Length % 2 != 0)
            throw cursor.Bad("a dictionary with a key that has no value");
        for (var i = 0; i < items.Length; i += 2)
            target[Key(items[i], cursor)] = items[i + 1];
        return target;
    }

    public static HashSet<object> AddItems(HashSet<object> target, IEnumerable<object?> items, PickleCursor cursor)
    {
        foreach (var item in items)
            target.Add(Key(item, cursor));
        return target;
    }

    public static string Describe(object? value) => value switch
    {
        null => "None",
        CheckpointDictionary => "a dictionary",
        List<object?> => "a list",
        object?[] => "a tuple",
        HashSet<object> => "a set",
        PickleGlobal global => global.Name,
        RawTensor or TorchStorage => "a tensor",
        _ => $"a value of type {value.GetType().Name}",
    };

    /// <summary>
    /// Holds a finished value to what its readers rely on: only plain values, and at most <see cref="MaxDepth"/>
    /// levels, hence no value inside itself. Goes level by level, without recursion.
    /// </summary>
    public static object? Checked(object? root, PickleCursor cursor)
    {
        IEnumerable<object?> level = [root];
        for (var depth = 0; depth <= MaxDepth; depth++)
        {
            var containers = new HashSet<object>(ReferenceEqualityComparer.Instance);
            foreach (var value in level)
            {
                if (value is null or bool or long or BigInteger or double or string or byte[] or RawTensor)
                    continue;
                if (Children(value) is null)
                    throw cursor.Bad($"it holds {Describe(value)} where a value should be");
                containers.Add(value);
            }
            if (containers.Count == 0)
                return root;
            level = containers.SelectMany(container => Children(container)!);
        }
        throw cursor.Bad($"its values are nested deeper than {MaxDepth} levels");
    }

    private static IEnumerable<object?>? Children(object value) => value switch
    {
        CheckpointDictionary dictionary => dictionary.Values.Append(dictionary.Attributes),
        List<object?> list => list,
        object?[] tuple => tuple,
        HashSet<object> set => set,
        _ => null,
    };

    private static object Key(object? value, PickleCursor cursor) => value is string or long or double or bool
        ? value
        : throw cursor.Bad($"{Describe(value)} as a key; texts and numbers are read");
}

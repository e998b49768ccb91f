namespace Mdfld.Cli;

/// <summary>Words that were meant by others.</summary>
internal static class Spelling
{
    /// <summary>The word that fewest changes of a letter lead to; null where none is near.</summary>
    public static string? Nearest(string typed, IEnumerable<string> words)
    {
        var (nearest, least) = ((string?)null, (Math.Max(typed.Length, 3) / 3) + 1);
        foreach (var word in words)
        {
            var distance = word.StartsWith(typed, StringComparison.OrdinalIgnoreCase) && typed.Length > 1
                ? 0 : Distance(typed, word);
            if (distance < least)
                (nearest, least) = (word, distance);
        }
        return nearest;
    }

    /// <summary>Letters to insert, remove, replace or swap with the next one (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 3)
            return int.MaxValue;
        var costs = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    costs[i, j] = i + j;
                    continue;
                }
                var change = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                var cost = Math.Min(costs[i - 1, j], costs[i, j - 1]) + 1;
                cost = Math.Min(cost, costs[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    cost = Math.Min(cost, costs[i - 2, j - 2] + 1);
                costs[i, j] = cost;
            }
        }
        return costs[a.Length, b.Length];
    }
}

namespace Mdfld.Cli;

/// <summary>The words of the command line, those that are not UTF-8 as <see cref="FileNames"/> writes them.</summary>
internal static class RawArguments
{
    /// <summary>As the program is given them, but for what .NET could not read.</summary>
    public static string[] Of(string[] args)
    {
        if (!OperatingSystem.IsLinux() || !args.Any(a => a.Contains('\uFFFD')))
            return args;
        var words = new List<string>();
        ReadOnlySpan<byte> line = File.ReadAllBytes("/proc/self/cmdline");
        for (int end; (end = line.IndexOf((byte)0)) >= 0; line = line[(end + 1)..])
            words.Add(FileNames.FromBytes(line[..end]));
        // The host's own words come first.
        return words.Count < args.Length ? args : [.. words[^args.Length..]];
    }
}

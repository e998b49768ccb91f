namespace Mdfld.Cli;

/// <summary>Where Mdfld keeps files of its own for a user: the XDG base directories.</summary>
internal static class UserFolders
{
    /// <summary>What can be made again at any time: <c>$XDG_CACHE_HOME/mdfld</c>, or <c>~/.cache/mdfld</c>.</summary>
    public static string Cache => Below("XDG_CACHE_HOME", ".cache");

    /// <summary>What the user fetched: <c>$XDG_DATA_HOME/mdfld</c>, or <c>~/.local/share/mdfld</c>.</summary>
    public static string Data => Below("XDG_DATA_HOME", Path.Combine(".local", "share"));

    private static string Below(string variable, string byDefault)
    {
        // The specification: a relative path is no path.
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named && Path.IsPathFullyQualified(named))
            return Path.Combine(named, "mdfld");
        var home = Environment.GetFolderPath(
            Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        return home.Length > 0
            ? Path.Combine(home, byDefault, "mdfld")
            : throw new IOException($"this user has no home folder: set {variable} to a folder for Mdfld's files");
    }
}

namespace Mdfld.Cli;

/// <summary>Files that come with the program: beside it, or in a clone above it.</summary>
internal static class ProgramFiles
{
    /// <summary>The nearest file or folder of that path, or null.</summary>
    /// <param name="path">Relative, such as <c>recipes/adapt.yaml</c>.</param>
    public static string? Find(string path)
    {
        for (var above = AppContext.BaseDirectory; above is not null; above = Path.GetDirectoryName(above))
        {
            var file = Path.Combine(above, path);
            if (Path.Exists(file))
                return file;
        }
        return null;
    }
}

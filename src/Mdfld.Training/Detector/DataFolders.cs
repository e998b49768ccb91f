namespace Mdfld.Training;

/// <summary>Finds the folders of faces that a recipe names.</summary>
public static class DataFolders
{
    /// <summary>Opens folders by name, each in the first root that has it.</summary>
    /// <param name="names">As in the recipe, such as <c>real-train</c>.</param>
    /// <param name="roots">Folders that hold folders of faces.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is in none of the roots.</exception>
    /// <exception cref="InvalidDataException">Its annotations are malformed.</exception>
    public static IReadOnlyList<FaceFolder> Open(IEnumerable<string> names, IReadOnlyList<string> roots) =>
        [.. names.Select(name => FaceFolder.Open(Find(name, roots)))];

    /// <summary>The first folder of that name.</summary>
    /// <exception cref="DirectoryNotFoundException">It is in none of the roots.</exception>
    public static string Find(string name, IReadOnlyList<string> roots) =>
        roots.Select(root => Path.Combine(root, name)).FirstOrDefault(Directory.Exists)
        ?? throw new DirectoryNotFoundException(
            $"'{name}', named by the recipe, is not in {string.Join(" or ", roots)}; give its parent with --data");
}

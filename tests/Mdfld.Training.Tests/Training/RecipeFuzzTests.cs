using System.Text;
using Mdfld.Training;

namespace Mdfld.Tests.Training;

/// <summary>Damaged recipes: read, or refused with the file's name.</summary>
public sealed class RecipeFuzzTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("detector", "compact.yaml")]
    [InlineData("finder", "finder.yaml")]
    public void DamageIsRefusedOrRead(string kind, string shipped)
    {
        var recipe = File.ReadAllBytes(Path.Combine(TestFiles.RepositoryRoot, "recipes", shipped));
        byte[][] seeds = kind == "detector" ? [Encoding.UTF8.GetBytes(TinyFaces.Recipe()), recipe] : [recipe];
        var path = _folder["damaged.yaml"];
        new Fuzz($"recipe of a {kind}", typeof(InvalidDataException)) { AllowedPerByte = 2000 }.Run(seeds, (_, bytes) =>
        {
            File.WriteAllBytes(path, bytes);
            FaceRecipes.Read(path);
        });
    }
}

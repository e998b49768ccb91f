namespace Mdfld.Tests.Training;

public sealed class RecipeSchemaTests
{
    [Fact]
    public void SchemasOfTheRepositoryAreThoseOfTheRecords()
    {
        AssertSchema<DetectorRecipe>("detector");
        AssertSchema<FinderRecipe>("finder");
        AssertSchema<Mdfld.Generation.GeneratorRecipe>("generator");

        static void AssertSchema<T>(string name) where T : IRecipe
        {
            var file = Path.Combine(TestFiles.RepositoryRoot, "recipes", "schema", $"{name}.json");
            if (Environment.GetEnvironmentVariable("MDFLD_UPDATE") == "1")
                File.WriteAllText(file, RecipeFile.SchemaOf<T>());
            Assert.Equal(File.ReadAllText(file), RecipeFile.SchemaOf<T>());
        }
    }
}

using Mdfld.Generation;
using Mdfld.Generation.Dataset;

namespace Mdfld.Tests.Generation;

/// <summary>
/// Damaged recipes, style files and parts of a model's folder: read, or refused with the file's name.
/// </summary>
public sealed class ReaderFuzzTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Recipes() => Fuzz(
        "recipe of a generator",
        Directory.GetFiles(Path.Combine(TestFiles.RepositoryRoot, "recipes"), "generator-*.yaml"),
        path => RecipeFile.Read<GeneratorRecipe>(path));

    [Fact]
    public void Styles()
    {
        File.WriteAllText(
            _folder["styles.yaml"],
            """
            words:
              age: [young, old]
            styles:
              - id: ink
                caption: ink drawing of a face
                prompts:
                  - ink drawing of a {age} face
                filters: [[ink]]
            """);
        Fuzz("styles", [_folder["styles.yaml"]], path => StyleBook.Read(path));
    }

    [Fact]
    public void UNets() => Config<UNetConfig>("unet");

    [Fact]
    public void ControlNets() => Config<ControlNetConfig>("controlnet");

    [Fact]
    public void Autoencoders() => Config<AutoencoderKLConfig>("vae");

    [Fact]
    public void TextEncoders() => Config<TextEncoderConfig>("text_encoder");

    private void Config<T>(string part)
        where T : NetworkConfig =>
        Fuzz($"configuration {part}", [DiffusionGolden.Tiny(part, "config.json")], path => NetworkConfig.Read<T>(path));

    private void Fuzz(string reader, IReadOnlyList<string> files, Action<string> read)
    {
        var target = _folder["damaged" + Path.GetExtension(files[0])];
        new Fuzz(reader, typeof(InvalidDataException)) { AllowedPerByte = 2000 }.Run(
            [.. files.Select(File.ReadAllBytes)],
            (_, bytes) =>
            {
                File.WriteAllBytes(target, bytes);
                read(target);
            });
    }
}

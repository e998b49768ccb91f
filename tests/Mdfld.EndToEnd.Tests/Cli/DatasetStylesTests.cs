using System.Text.Json;

namespace Mdfld.Tests.Cli;

[Collection(nameof(Alone))]
public sealed class DatasetStylesTests : IDisposable
{
    private static readonly LabelledFace Face =
        FaceFolder.Open(Path.Combine(TestFiles.RepositoryRoot, "samples")).Faces[0];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// What is dark and said to be dark is seen as dark, and what is said wrongly is seen as what it is.
    /// </summary>
    [Fact]
    public async Task NamesWhatIsSeenNotWhatIsSaid()
    {
        Write("reference", 10, ("dark", 40), ("light", 200));
        Write("looked", 3, ("light", 190), ("dark", 220), ("unknown", 40));
        var run = await CliRun.Of("dataset", "styles", _folder["reference"], _folder["looked"], "--json", "--quiet");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal(
            ["dark", "light"], json.RootElement.GetProperty("styles").EnumerateArray().Select(s => s.GetString()));
        Assert.Equal("[[2,0],[0,2]]", Matrix("reference"));
        Assert.Equal("[[0,3],[0,3]]", Matrix("looked"));
        Assert.Equal(0.5, json.RootElement.GetProperty("looked").GetProperty("accuracy").GetDouble());

        var table = await CliRun.Of("dataset", "styles", _folder["reference"], _folder["looked"], "--epochs", "2");
        Assert.Equal(0, table.ExitCode);
        Assert.Contains("of 6 faces in the style they are said to be in; blindly 50.0 %", table.Output);
        Assert.Contains(" 2 light", table.Output);
        Assert.Contains("epoch 2/2", table.Error);

        string Matrix(string set) => json.RootElement.GetProperty(set).GetProperty("matrix").GetRawText();
    }

    [Fact]
    public async Task OneStyleIsNothingToLearnFrom()
    {
        Write("reference", 5, ("dark", 40));
        Write("looked", 1, ("dark", 40));
        var run = await CliRun.Of("dataset", "styles", _folder["reference"], _folder["looked"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("expected faces of two or more styles, found 1", run.Error);
    }

    [Fact]
    public async Task NoStyleInCommonIsAnError()
    {
        Write("reference", 5, ("dark", 40), ("light", 200));
        Write("looked", 1, ("pencil", 40));
        var run = await CliRun.Of(
            "dataset", "styles", _folder["reference"], _folder["looked"], "--epochs", "1", "--quiet");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("none of its faces is in a style that was learnt", run.Error);
    }

    [Fact]
    public async Task AFewFacesAreTooFew()
    {
        Write("reference", 4, ("dark", 40), ("light", 200));
        var run = await CliRun.Of("dataset", "styles", _folder["reference"], _folder["reference"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("no style has 5 faces", run.Error);
    }

    /// <summary>Noise of a brightness, with the labels of a face.</summary>
    private void Write(string name, int each, params (string Style, int Brightness)[] styles)
    {
        var random = new Random(each);
        Directory.CreateDirectory(_folder[name, "images"]);
        var faces = new List<LabelledFace>();
        foreach (var (style, brightness) in styles)
        {
            for (var i = 0; i < each; i++)
            {
                var picture = new Picture(512, 512);
                for (var p = 0; p < picture.Data.Length; p++)
                    picture.Data[p] = (byte)(brightness + random.Next(-30, 30));
                picture.Save(_folder[name, "images", $"{style}{i}.png"]);
                faces.Add(Face with { ImagePath = $"{style}{i}.png", Style = style });
            }
        }
        MetadataFile.Write(_folder[name, "annotations.tsv"], faces);
    }
}

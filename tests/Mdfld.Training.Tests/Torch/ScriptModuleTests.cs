using System.IO.Compression;

namespace Mdfld.Tests.Torch;

[Collection(nameof(Alone))]
public sealed class ScriptModuleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AModuleRunsWithItsWeights()
    {
        using var module = ScriptModule.Load(Write(ScriptFiles.Face([0.25f, -0.5f, 1, 2])));
        using var scope = NewDisposeScope();
        var image = Tensor.From<float>([.. Enumerable.Repeat(0.5f, 16), .. new float[32]], 1, 3, 4, 4);
        var landmarks = Assert.Single(module.Run(image));
        Assert.Equal([1L, 2, 2], landmarks.shape);
        Assert.Equal([0.75f, -0.5f, 1.5f, 2], landmarks.ToArray<float>());
    }

    [Fact]
    public void TuplesAndListsAreFlattened()
    {
        using var module = ScriptModule.Load(Write(ScriptFiles.Archive(
            "    return (image, [self.points, torch.neg(image)], (image, 3))", [1, 2],
            "Tuple[Tensor, List[Tensor], Tuple[Tensor, int]]")));
        using var scope = NewDisposeScope();
        var image = Tensor.From<float>([7], 1);
        Assert.Equal([7, 1, -7, 7], module.Run(image).Select(t => t.ToArray<float>()[0]));
    }

    [Fact]
    public void ItsModuleIsInEvaluationMode()
    {
        using var module = ScriptModule.Load(Write(ScriptFiles.Archive(
            """
                if self.training:
                  answer = torch.neg(image)
                else:
                  answer = image
                return answer
            """,
            [1, 2])));
        using var image = Tensor.From<float>([7], 1);
        using var answer = module.Run(image)[0];
        Assert.Equal(7, answer.ToSingle());
    }

    [Fact]
    public void ManyThreadsRunItAndDisposingWaitsForThem()
    {
        var path = Write(ScriptFiles.Face([0, 0, 1, 1]));
        for (var round = 0; round < 5; round++)
        {
            var module = ScriptModule.Load(path);
            Parallel.For(0, 40, i =>
            {
                using var scope = NewDisposeScope();
                try
                {
                    var image = Tensor.From<float>([.. Enumerable.Repeat((float)i, 48)], 1, 3, 4, 4);
                    Assert.Equal([i, 0, i + 1, 1], module.Run(image)[0].ToArray<float>());
                }
                catch (ObjectDisposedException)
                {
                    // It came after the disposal.
                }
                if (i == 20)
                    module.Dispose();
            });
        }
    }

    [Fact]
    public void CodeThatFailsSaysSoInOneLine()
    {
        using var module = ScriptModule.Load(Write(ScriptFiles.Face([0, 0])));
        using var flat = Tensor.From<float>([1, 2], 2);
        var live = Tensor.TotalCount;
        var error = Assert.Throws<InvalidDataException>(() => module.Run(flat));
        Assert.Contains("face.pt: its code fails", error.Message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal(live, Tensor.TotalCount);
    }

    [Fact]
    public void CodeThatGivesNoTensorIsRefused()
    {
        using var module = ScriptModule.Load(Write(ScriptFiles.Archive("    return 3", [0, 0], "int")));
        using var image = Tensor.From<float>([1], 1);
        Assert.Contains("gives no tensor", Assert.Throws<InvalidDataException>(() => module.Run(image)).Message);
    }

    [Fact]
    public void OnlyArchivesWithCodeAreLoaded()
    {
        var error = Assert.Throws<InvalidDataException>(() => ScriptModule.Load(TestFiles.Golden("star_tiny.pkl")));
        Assert.Contains("no TorchScript module", error.Message);
        Assert.Throws<FileNotFoundException>(() => ScriptModule.Load(_folder["absent.pt"]));
    }

    [Theory]
    [InlineData("data.pkl", "")]
    [InlineData("data.pkl", "no pickle at all")]
    [InlineData("version", "99999\n")]
    [InlineData("constants.pkl", "")]
    public void ABrokenArchiveIsRefusedInOneLine(string entry, string content)
    {
        using var stream = new MemoryStream();
        stream.Write(ScriptFiles.Face([0, 0]));
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            zip.GetEntry($"face/{entry}")!.Delete();
            using var writer = new StreamWriter(
                zip.CreateEntry($"face/{entry}", CompressionLevel.NoCompression).Open());
            writer.Write(content);
        }
        AssertRefused(stream.ToArray());
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(0.999)]
    public void AnArchiveCutShortIsRefused(double share)
    {
        var whole = ScriptFiles.Face([0, 0]);
        AssertRefused(whole[..(int)(whole.Length * share)]);
    }

    private void AssertRefused(byte[] archive)
    {
        var error = Assert.Throws<InvalidDataException>(() => ScriptModule.Load(Write(archive)).Dispose());
        Assert.StartsWith(_folder["face.pt"], error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    private string Write(byte[] archive)
    {
        File.WriteAllBytes(_folder["face.pt"], archive);
        return _folder["face.pt"];
    }
}

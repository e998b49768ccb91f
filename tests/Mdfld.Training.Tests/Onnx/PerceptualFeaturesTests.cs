using Google.Protobuf;
using Mdfld.Tests.Star;
using Mdfld.Training.Onnx;
using static Mdfld.Training.Onnx.TensorProto.Types;

namespace Mdfld.Tests.Onnx;

/// <summary>Features of a small classifier of ResNet's parts, against ONNX Runtime.</summary>
public sealed class PerceptualFeaturesTests : IDisposable
{
    private const int Channels = 4;
    private const int Side = 32;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheyAreWhatOnnxRuntimeSeesBeforeEachHalving()
    {
        using var scope = NewDisposeScope();
        var model = Classifier();
        using var features = Load(model);
        var picture = arange(2 * 3 * Side * Side).reshape(2, 3, Side, Side).sin();

        var seen = features.Forward(picture);

        using var runner = new OnnxRunner(model);
        // B, G, R of bytes, less the means of ImageNet's training pictures.
        var input = ((picture.flip(1) + 1) * 127.5) - tensor([103.06f, 115.90f, 123.15f]).reshape(1, 3, 1, 1);
        var expected = runner.Run(input.ToArray<float>(), 2, 3, Side, Side);
        Assert.Equal([16, 8], seen.Select(s => (int)s.shape[2]));
        foreach (var (level, name) in seen.Zip(["fine", "coarse"]))
            Assert.True(Near.RelativeL2(expected[name].ToArray(), level.ToArray<float>()) < 1e-5, name);
    }

    [Fact]
    public void TheDistanceIsZeroForEqualPicturesAndItsGradientPullsTowardsThem()
    {
        using var scope = NewDisposeScope();
        using var features = Load(Classifier());
        var picture = arange(3 * Side * Side).reshape(1, 3, Side, Side).sin();
        var made = (picture * 0.5).detach().requires_grad_(true);

        Assert.Equal(0, features.Distance(picture, picture).ToDouble(), 1e-7);
        var distance = features.Distance(made, picture);
        distance.backward();
        var step = made.grad! * (1e-3 / made.grad!.norm().ToDouble());
        using var noGrad = no_grad();
        Assert.True(features.Distance(made - step, picture).ToDouble() < distance.ToDouble());
    }

    [Fact]
    public void AGraphThatDoesNotHoldTogetherIsRefused()
    {
        Refused("Softmax", m => m.Graph.Node[2].OpType = "Softmax");
        Refused("no constant", m => m.Graph.Initializer.RemoveAt(0));
        Refused("not its shape's", m => m.Graph.Initializer[0].Dims[0] = 1 << 15);
        Refused("not supported", m => m.Graph.Node[0].Attribute.Single(a => a.Name == "pads").Ints[0] = 1L << 40);
        Refused("ResNet-18", m => m.Graph.Node[2].Input[0] = "nowhere");
        Refused("no layers", m => m.Graph.Node.Clear());
        Refused("no input", m => m.Graph.Input.Clear());

        void Refused(string expected, Action<ModelProto> change)
        {
            var model = Classifier();
            change(model);
            var error = Assert.Throws<InvalidDataException>(() => Load(model));
            Assert.Contains(expected, error.Message);
        }
    }

    /// <summary>Reads a model, without what names its outputs.</summary>
    private PerceptualFeatures Load(ModelProto model)
    {
        model = model.Clone();
        foreach (var output in model.Graph.Node.Where(n => n.OpType == "Identity").ToArray())
            model.Graph.Node.Remove(output);
        File.WriteAllBytes(_folder["classifier.onnx"], model.ToByteArray());
        return PerceptualFeatures.Load(_folder["classifier.onnx"]);
    }

    /// <summary>The stem of a ResNet, one residual block, and the convolution that halves its result.</summary>
    private static ModelProto Classifier()
    {
        var builder = new GraphBuilder();
        var random = new Random(1);
        var x = builder.Input("x", DataType.Float, [3, Side, Side]);
        var stem = builder.Node("Relu", [Norm(Conv(x, 3, 7, 2, 3, 3, 2, 2))]);
        var pooled = builder.Node(
            "MaxPool", [stem], Attributes.Ints("kernel_shape", 3, 3), Attributes.Ints("strides", 2, 2),
            Attributes.Ints("pads", 1, 1, 0, 0));
        var block = builder.Node("Add", [Norm(Conv(pooled, Channels, 3, 1, 1, 1, 1, 1)), pooled]);
        var coarse = builder.Node("Relu", [block]);
        builder.Output("fine", stem, DataType.Float, [Channels, Side / 2, Side / 2]);
        builder.Output("coarse", coarse, DataType.Float, [Channels, Side / 4, Side / 4]);
        builder.Output("end", Conv(coarse, Channels, 3, 2, 1, 1, 0, 0), DataType.Float, [Channels, Side / 8, Side / 8]);
        return GraphBuilder.Wrap(builder.Build(), new Dictionary<string, string>());

        string Conv(string input, int inputs, int kernel, int stride, params long[] pads) => builder.Node(
            "Conv", [input, builder.Constant(Floats(1, Channels, inputs, kernel, kernel))],
            Attributes.Ints("kernel_shape", kernel, kernel), Attributes.Ints("strides", stride, stride),
            Attributes.Ints("pads", pads));

        string Norm(string input) => builder.Node(
            "BatchNormalization",
            [
                input, builder.Constant(Floats(1, Channels)), builder.Constant(Floats(2, Channels)),
                builder.Constant(Floats(3, Channels)), builder.Constant(Floats(0.5f, Channels)),
            ],
            Attributes.Float("epsilon", 0.01));

        // Positive where it is not more than 0.5: variances.
        TensorProto Floats(float scale, params long[] shape)
        {
            var count = (int)shape.Aggregate((a, b) => a * b);
            return Constants.Floats(
                [.. Enumerable.Range(0, count).Select(_ => scale * (random.NextSingle() - (scale == 0.5f ? 0 : 0.5f)))], shape);
        }
    }
}

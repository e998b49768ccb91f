using Google.Protobuf;
using Mdfld.Training.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Mdfld.Tests.Onnx;

/// <summary>Runs models with one float input in ONNX Runtime.</summary>
internal sealed class OnnxRunner : IDisposable
{
    public OnnxRunner(ModelProto model) => Session = new InferenceSession(model.ToByteArray());

    public OnnxRunner(string path) => Session = new InferenceSession(path);

    public InferenceSession Session { get; }

    /// <summary>All outputs by name.</summary>
    public Dictionary<string, DenseTensor<float>> Run(float[] values, params int[] shape)
    {
        var input = NamedOnnxValue.CreateFromTensor(
            Session.InputNames[0], new DenseTensor<float>(values, shape));
        using var results = Session.Run([input]);
        return results.ToDictionary(result => result.Name, result => result.AsTensor<float>().ToDenseTensor());
    }

    public void Dispose() => Session.Dispose();
}

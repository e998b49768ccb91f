namespace Mdfld.Training.Weights;

/// <summary>What kind of model a file holds.</summary>
public enum ModelKind
{
    /// <summary>A landmark model in ONNX.</summary>
    Landmarks,

    /// <summary>A face finder in ONNX: Mdfld's or YuNet's.</summary>
    Finder,

    /// <summary>Another ONNX model.</summary>
    OtherOnnx,

    /// <summary>Weights of torch.save, or a <c>.safetensors</c> file.</summary>
    Checkpoint,

    /// <summary>A program of torch.jit.save with its weights.</summary>
    TorchScript,
}

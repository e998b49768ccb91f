namespace Mdfld.Torch.Checkpoints;

/// <summary>The formats that torch's world keeps weights in.</summary>
public enum WeightFormat
{
    /// <summary>None of them.</summary>
    None,

    /// <summary>torch.save's zip archive, of torch 1.6 and later.</summary>
    TorchZip,

    /// <summary>torch.save's pickles, before torch 1.6.</summary>
    TorchLegacy,

    /// <summary>A <c>.safetensors</c> file.</summary>
    SafeTensors,

    /// <summary>An archive of torch.jit.save: a program with its weights.</summary>
    TorchScript,
}

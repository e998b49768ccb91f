using System.Runtime.CompilerServices;

namespace Mdfld.Tests.Torch;

internal static class LoadTorch
{
    // A test may touch TorchSharp before anything of ours that loads libtorch.
    [ModuleInitializer]
    internal static void Load() => TorchRuntime.Load();
}

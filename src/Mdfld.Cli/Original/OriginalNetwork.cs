using System.Runtime.InteropServices;
using Mdfld.Training.Weights;
using static TorchSharp.torch;

namespace Mdfld.Cli.Original;

/// <summary>A network of the original in libtorch: a checkpoint of STAR, or TorchScript.</summary>
internal abstract class OriginalNetwork : IDisposable
{
    public abstract int Points { get; }

    /// <summary>Loads the weights that --pretrained_weight names.</summary>
    /// <exception cref="UsageException">
    /// The file is not there, or of another number of points than the data.
    /// </exception>
    /// <exception cref="InvalidDataException">
    /// It is no network of the original, or a program that is not trusted.
    /// </exception>
    public static OriginalNetwork Load(OriginalJob job)
    {
        if (!File.Exists(job.Weights))
            throw new UsageException($"--pretrained_weight {job.Weights}: no such file");
        TorchRuntime.Load();
        set_num_threads(Environment.ProcessorCount);
        var file = ModelFile.Open(job.Weights);
        if (file.Kind == ModelKind.TorchScript)
            job.Trust.RequireUnlessPublished(file.Path);
        OriginalNetwork network = file.Kind switch
        {
            ModelKind.TorchScript => new Script(ScriptModule.Load(file.Path, job.Device), job.Device),
            ModelKind.Checkpoint => new Star(StarCheckpoint.Load(file.Path), job.Device),
            _ => throw file.Not("a checkpoint of STAR or TorchScript"),
        };
        if (network.Points == job.Scheme.Count)
            return network;
        var points = network.Points;
        network.Dispose();
        throw new UsageException(
            $"--pretrained_weight {job.Weights} finds {points} points, "
            + $"--data_definition {job.Data} has {job.Scheme.Count}");
    }

    /// <summary>
    /// The points of a crop of 256 x 256 as each of its stacks finds them, network units; the last counts.
    /// </summary>
    public IReadOnlyList<Vector2[]> Find(Picture crop)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var input = Tensor.From<float>(
            StarPicture.ToPlanes(crop), 1, Picture.Channels, StarOptions.CropSize, StarOptions.CropSize);
        return [.. Run(input).Select(t =>
            MemoryMarshal.Cast<float, Vector2>(t.to(CPU).ToArray<float>()).ToArray())];
    }

    public abstract void Dispose();

    protected abstract IEnumerable<Tensor> Run(Tensor input);

    private sealed class Star : OriginalNetwork
    {
        private readonly StarNetwork _network;
        private readonly Device _device;

        public Star(StarNetwork network, Device device)
        {
            (_network, _device) = (network, device);
            network.To(device);
        }

        public override int Points => _network.Options.Scheme.Count;

        public override void Dispose() => _network.Dispose();

        protected override IEnumerable<Tensor> Run(Tensor input) =>
            _network.Forward(input.to(_device)).Select(stack => stack.Landmarks);
    }

    private sealed class Script(ScriptModule module, Device device) : OriginalNetwork
    {
        public override int Points { get; } = ScriptDetector.SchemeOf(module, device).Count;

        public override void Dispose() => module.Dispose();

        protected override IEnumerable<Tensor> Run(Tensor input) => [ScriptDetector.Run(module, input.to(device))];
    }
}

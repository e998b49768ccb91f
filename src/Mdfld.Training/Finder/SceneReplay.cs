namespace Mdfld.Training.Finder;

/// <summary>
/// The scenes of a run. Composing one costs more than learning from it, so each is shown several times, many steps
/// apart and varied; a resumed run composes again what it would still have had.
/// </summary>
/// <param name="compose">Composes a scene of a number and size.</param>
/// <param name="batch">Pictures a step, a multiple of <paramref name="shows"/>.</param>
/// <param name="shows">Times a scene is shown.</param>
/// <param name="seed">Seed of the variants.</param>
internal sealed class SceneReplay(Func<long, int, Scene> compose, int batch, int shows, int seed)
{
    /// <summary>Steps between two shows of a scene.</summary>
    private const int Lag = 25;

    private readonly SampleOrder _order = new(1, seed);
    private readonly Dictionary<(long Number, int Size), Lazy<Scene>> _kept = [];

    /// <summary>The work that makes the picture of a position; asked in order, on one thread.</summary>
    public Func<Scene> At(long position, int size)
    {
        var share = batch / shows;
        var (step, slot) = (position / batch, (int)(position % batch));
        var show = slot / share;
        // Before the first step there were some, too: their numbers are negative.
        var number = ((step - (show * Lag)) * share) + (slot % share);
        if (!_kept.TryGetValue((number, size), out var scene))
            _kept[(number, size)] = scene = new Lazy<Scene>(() => compose(number, size));
        if (show == shows - 1)
            _kept.Remove((number, size));
        return () => show == 0 ? scene.Value : scene.Value.Vary(_order.RandomAt(position));
    }
}

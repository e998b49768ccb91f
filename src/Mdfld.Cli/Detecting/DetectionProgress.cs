using System.Globalization;

namespace Mdfld.Cli.Detecting;

/// <summary>Counts what a run finds.</summary>
/// <param name="error">Where to tell it.</param>
/// <param name="total">Pictures to come, where that is known.</param>
internal sealed class DetectionProgress(TextWriter error, int? total) : RunProgress(error, "pictures", total)
{
    private int _earlier;
    private int _done;
    private int _faces;

    /// <summary>Pictures that failed.</summary>
    public int Failed { get; private set; }

    /// <summary>Pictures that have a result, this run's or an earlier one's.</summary>
    public int Finished => _earlier + _done;

    /// <inheritdoc/>
    protected override string Counts => string.Create(
        CultureInfo.InvariantCulture,
        $"{Seen}{OfTotal} pictures, {_faces} faces, {_faces / Elapsed.TotalSeconds:0.0} faces/s");

    /// <inheritdoc/>
    protected override int Seen => Finished + Failed;

    /// <inheritdoc/>
    protected override int Done => _done + Failed;

    /// <summary>A picture has its faces.</summary>
    public void Add(int faces)
    {
        _faces += faces;
        _done++;
    }

    /// <summary>A picture had its result from an earlier run.</summary>
    public void AddEarlier() => _earlier++;

    /// <summary>A picture failed.</summary>
    public void Fail(string message)
    {
        Failed++;
        Say(message);
    }
}

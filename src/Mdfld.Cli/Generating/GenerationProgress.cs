using System.Globalization;
using Mdfld.Diffusion.Synthesis;

namespace Mdfld.Cli.Generating;

/// <summary>Counts what a run makes.</summary>
/// <param name="error">Where to tell it.</param>
/// <param name="total">Samples of the run.</param>
internal sealed class GenerationProgress(TextWriter error, int total) : RunProgress(error, "pairs", total)
{
    private int _earlier;
    private int _kept;
    private int _rejected;
    private int _givenUp;

    /// <summary>Samples that are done, this run's or an earlier one's.</summary>
    public int Finished => _earlier + Done;

    /// <inheritdoc/>
    protected override string Counts => string.Create(
        CultureInfo.InvariantCulture,
        $"{Finished}{OfTotal}, {_kept / Elapsed.TotalMinutes:0} pairs/min, {_kept} kept, {_rejected} rejected");

    /// <inheritdoc/>
    protected override int Seen => Finished;

    /// <inheritdoc/>
    protected override int Done => _kept + _givenUp;

    /// <summary>Samples of an earlier run.</summary>
    public void AddEarlier(int count) => _earlier += count;

    /// <summary>A sample is done.</summary>
    public void Add(SampleRecord record)
    {
        if (record.Picture is null)
            _givenUp++;
        else
            _kept++;
        _rejected += record.Attempt + (record.Picture is null ? 1 : 0);
    }
}

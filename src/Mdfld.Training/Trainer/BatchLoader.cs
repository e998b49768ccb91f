using System.Numerics;
using Mdfld.Training.Augmentation;

namespace Mdfld.Training;

/// <summary>A replica's share of a batch: the parts of its samples, joined.</summary>
internal sealed record Shard(IReadOnlyList<SamplePart> Parts);

/// <summary>Makes the batches of a run ahead of time, on all cores, in order.</summary>
internal sealed class BatchLoader : IDisposable
{
    // Enough to bridge a hiccup, not enough to hold much memory.
    private const int Ahead = 4;

    private readonly Recipe _recipe;
    private readonly DetectorTask _task;
    private readonly StoredFace[] _faces;
    private readonly SampleOrder _order;
    private readonly Dictionary<Phase, FaceVariation> _variations = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<Task<Shard[]>> _pending = new();
    private readonly CancellationTokenSource _stop = new();
    private long _next;

    /// <param name="recipe">Sizes, order and augmentation.</param>
    /// <param name="task">Encodes the samples.</param>
    /// <param name="faces">All faces of an epoch, repeated as often as the recipe says.</param>
    /// <param name="step">The first batch to make.</param>
    public BatchLoader(Recipe recipe, DetectorTask task, StoredFace[] faces, long step)
    {
        (_recipe, _task, _faces, _next) = (recipe, task, faces, step);
        _order = new SampleOrder(faces.Length, recipe.Seed);
        foreach (var phase in recipe.Phases)
            _variations[phase] = recipe.VariationOf(phase, task.Scheme);
    }

    /// <summary>The batch of the next step.</summary>
    public Shard[] Next()
    {
        while (_pending.Count < Ahead && _next < _recipe.Steps)
            _pending.Enqueue(Start(_next++));
        return _pending.Dequeue().GetAwaiter().GetResult();
    }

    /// <summary>Waits for batches in work; they touch the task's encoder.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        foreach (var batch in _pending)
        {
            // A batch nobody takes any more may fail or be cancelled: nobody misses it.
            ((IAsyncResult)batch).AsyncWaitHandle.WaitOne();
        }
        _stop.Dispose();
    }

    private Task<Shard[]> Start(long step)
    {
        // The order is looked up here, on one thread; the work needs nothing shared.
        var picks = new (StoredFace Face, Random Random)[_recipe.Batch];
        for (var i = 0; i < picks.Length; i++)
        {
            var position = (step * _recipe.Batch) + i;
            picks[i] = (_faces[_order[position]], _order.RandomAt(position));
        }
        var phase = _recipe.At(step).Phase;
        return Task.Run(() => Make(picks, phase), _stop.Token);
    }

    private Shard[] Make((StoredFace Face, Random Random)[] picks, Phase phase)
    {
        var vary = _variations[phase];
        var crop = new Image(phase.Size, phase.Size);
        var landmarks = new Vector2[_task.Scheme.Count];
        var each = picks.Length / _recipe.Replicas;
        var shards = new Shard[_recipe.Replicas];
        for (var r = 0; r < shards.Length; r++)
        {
            SamplePart[]? joined = null;
            for (var i = 0; i < each; i++)
            {
                _stop.Token.ThrowIfCancellationRequested();
                var (face, random) = picks[(r * each) + i];
                vary(face.Picture, face.Landmarks, face.Crop, random, crop, landmarks);
                var sample = _task.Encode(crop, landmarks);
                joined ??= [.. sample.Select(p => new SamplePart(new float[each * p.Data.Length], [each, .. p.Shape]))];
                for (var p = 0; p < sample.Count; p++)
                    sample[p].Data.CopyTo(joined[p].Data, i * sample[p].Data.Length);
            }
            shards[r] = new Shard(joined!);
        }
        return shards;
    }
}

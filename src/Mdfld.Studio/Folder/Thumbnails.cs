namespace Mdfld.Studio;

/// <summary>Small pictures as JPEG, kept in memory up to a limit; two are made at a time.</summary>
internal sealed class Thumbnails : IDisposable
{
    private const int MostKept = 2000;

    private readonly SemaphoreSlim _turns = new(2);
    private readonly Dictionary<string, byte[]> _kept = [];

    /// <summary>A small picture; made by <paramref name="make"/> unless it is kept.</summary>
    /// <param name="key">Names what it shows, and its state.</param>
    /// <param name="make">Makes the picture.</param>
    /// <param name="stop">Ends the waiting.</param>
    public async Task<byte[]> Get(string key, Func<Picture> make, CancellationToken stop)
    {
        lock (_kept)
        {
            if (_kept.TryGetValue(key, out var known))
                return known;
        }
        await _turns.WaitAsync(stop);
        try
        {
            var made = await Task.Run(() => make().EncodeJpeg(80), stop);
            lock (_kept)
            {
                // All at once: simpler than an order of use, and made again in a moment.
                if (_kept.Count >= MostKept)
                    _kept.Clear();
                _kept[key] = made;
            }
            return made;
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>A picture reduced to fit a square.</summary>
    public static Picture Reduced(Picture picture, int side)
    {
        var s = Math.Min(1.0, (double)side / Math.Max(picture.Width, picture.Height));
        var (width, height) = (Math.Max(1, (int)(picture.Width * s)), Math.Max(1, (int)(picture.Height * s)));
        var t = (s - 1) / 2;
        return picture.Warp(Homography.Affine(s, 0, t, 0, s, t), width, height, antialias: true);
    }

    public void Dispose() => _turns.Dispose();
}

namespace Mdfld.Generation;

/// <summary>
/// Keeps the masked part of a picture while the rest is painted: after every step its latents are those of the picture
/// with the noise of the next one (blended latent diffusion, Avrahami et al. 2023), and in the end its pixels the
/// picture's.
/// </summary>
internal sealed class Inpainting
{
    private readonly Picture _mask;
    private readonly float[] _clean;
    private readonly float[] _noise;
    private readonly float[] _painted;

    /// <param name="mask">White where it is painted; a multiple of the latents' size.</param>
    /// <param name="clean">The picture's latents, (1, C, h, w).</param>
    /// <param name="noise">Its stream <paramref name="stream"/> is the noise that the run starts with.</param>
    public Inpainting(Picture mask, float[] clean, long[] shape, SeededNoise noise, uint stream)
    {
        (_mask, _clean, _noise, _painted) = (mask, clean, new float[clean.Length], new float[clean.Length]);
        noise.Fill(_noise, stream);
        var (width, height) = ((int)shape[3], (int)shape[2]);
        var side = mask.Width / width;
        for (var i = 0; i < clean.Length; i++)
        {
            var (x, y) = (i % width * side, i / width % height * side);
            var sum = 0;
            for (var row = y; row < y + side; row++)
            {
                foreach (var level in mask.Row(row).Slice(3 * x, 3 * side))
                    sum += level;
            }
            _painted[i] = sum / (255f * 3 * side * side);
        }
    }

    /// <summary>Puts the kept part back, with the noise of the step after this one.</summary>
    public void Keep(Scheduler scheduler, int step, Span<float> latents)
    {
        var kept = _clean;
        if (step + 1 < scheduler.Timesteps.Count)
            scheduler.AddNoise(_clean, _noise, kept = new float[_clean.Length], step + 1);
        for (var i = 0; i < latents.Length; i++)
            latents[i] = float.Lerp(kept[i], latents[i], _painted[i]);
    }

    /// <summary>The picture where the mask is black, what was painted where it is white.</summary>
    public Picture Join(Picture start, Picture made)
    {
        var joined = new Picture(start.Width, start.Height);
        for (var i = 0; i < joined.Data.Length; i++)
        {
            var share = _mask.Data[i];
            joined.Data[i] = (byte)(((start.Data[i] * (255 - share)) + (made.Data[i] * share) + 127) / 255);
        }
        return joined;
    }
}

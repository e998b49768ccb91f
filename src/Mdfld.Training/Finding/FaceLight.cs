using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Training;

/// <summary>
/// Changes the light on one face and not on what is round it: dark skin, the shade of a hat, light from behind, haze.
/// </summary>
internal static class FaceLight
{
    /// <summary>Changes the pixels in a soft ellipse about a face's box, pixels of the picture.</summary>
    public static void Change(Picture picture, FaceBox face, Random random)
    {
        var isHaze = random.Chance(0.2f);
        // Haze lies before all of a person; brown skin keeps the most of red.
        var reach = isHaze ? random.Uniform(1.2f, 3) : random.Uniform(0.52f, 0.75f);
        var (gain, veil) = isHaze
            ? (new Vector3(random.Uniform(0.3f, 0.7f)), new Vector3(random.Uniform(90, 235)))
            : (MathF.Exp(random.Uniform(-1.4f, -0.25f)) * Vector3.Lerp(Vector3.One, new(1.08f, 0.94f, 0.84f),
                random.NextSingle()), Vector3.Zero);
        var soft = 1 / random.Uniform(0.15f, 0.5f);
        var (half, centre) = (new Vector2(face.Width, face.Height) * reach, face.Centre);
        for (var y = First(centre.Y - half.Y); y <= Math.Min(picture.Height - 1, (int)(centre.Y + half.Y)); y++)
        {
            var row = picture.Row(y);
            for (var x = First(centre.X - half.X); x <= Math.Min(picture.Width - 1, (int)(centre.X + half.X)); x++)
            {
                var alpha = Math.Clamp((1 - ((new Vector2(x, y) - centre) / half).Length()) * soft, 0, 1);
                var pixel = row.Slice(x * Picture.Channels, Picture.Channels);
                for (var c = 0; c < Picture.Channels; c++)
                {
                    var changed = (gain[c] * pixel[c]) + ((1 - gain[c]) * veil[c]);
                    pixel[c] = FilterPicture.ToByte(pixel[c] + (alpha * (changed - pixel[c])));
                }
            }
        }

        static int First(float at) => Math.Max(0, (int)MathF.Ceiling(at));
    }
}

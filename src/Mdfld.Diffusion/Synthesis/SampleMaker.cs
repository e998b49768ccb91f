using System.Numerics;
using System.Security.Cryptography;
using Mdfld.Training.Augment;

namespace Mdfld.Diffusion.Synthesis;

/// <summary>A sample that is done: its record and, unless it was given up, its picture's file.</summary>
public sealed record Sample(SampleRecord Record, byte[]? Png);

/// <summary>
/// Makes the samples of a data set, each a function of seed, style and index alone. An attempt whose picture does not
/// show the face where its label says is made again with the next attempt's numbers.
/// </summary>
/// <param name="styles">Fills the prompts.</param>
/// <param name="pool">Whose landmarks are varied.</param>
/// <param name="engine">Makes the pictures.</param>
/// <param name="check">Looks at them.</param>
/// <param name="options">The run.</param>
public sealed class SampleMaker(
    StyleBook styles, LandmarkPool pool, IFaceEngine engine, PairCheck check, SynthesisOptions options)
{
    private readonly LandmarkVariation _variation = new(pool, SynthesisOptions.Size);

    /// <summary>Makes one sample; any number of threads up to the engine's may ask.</summary>
    /// <exception cref="InvalidDataException">A photo is broken.</exception>
    /// <exception cref="IOException">A photo cannot be read.</exception>
    public Sample Make(Style style, int index)
    {
        var errors = new List<double?>();
        for (var attempt = 0; ; attempt++)
        {
            var seed = SampleSeed.Of(options.Seed, style.Id, index, attempt);
            var random = new Random(seed);
            var varied = _variation.Draw(style, random);
            var prompt = engine.ReadsPrompts ? styles.Prompt(style, random) : style.Caption;
            var face = engine.Make(new FaceRequest(style, prompt, varied, random.Next()));
            // What is written is what is checked: three decimals.
            var landmarks = Array.ConvertAll(
                face.Landmarks, p => new Vector2(MathF.Round(p.X, 3), MathF.Round(p.Y, 3)));
            ContourCheck.Untangle(landmarks);
            double? nme = IsFaceInside(landmarks) ? check.Nme(face with { Landmarks = landmarks }) : null;
            errors.Add(nme is { } e ? Math.Round(100 * e, 3) : null);
            var kept = nme is { } found && check.Accepts(found);
            if (!kept && attempt + 1 < options.Attempts)
                continue;
            return Finish(style, index, attempt, seed, prompt, varied, kept ? face.Picture : null, landmarks, errors);
        }
    }

    private static bool IsFaceInside(ReadOnlySpan<Vector2> landmarks)
    {
        foreach (var p in landmarks)
        {
            if (!(MathF.Min(p.X, p.Y) >= 0 && MathF.Max(p.X, p.Y) <= SynthesisOptions.Size - 1))
                return false;
        }
        return ContourCheck.Problem(landmarks) is null;
    }

    private Sample Finish(
        Style style,
        int index,
        int attempt,
        int seed,
        string prompt,
        VariedFace varied,
        Picture? picture,
        Vector2[] landmarks,
        List<double?> errors)
    {
        var png = picture?.EncodePng();
        var info = engine.Info;
        var record = new SampleRecord
        {
            Style = style.Id,
            Index = index,
            Picture = png is null ? null : $"{style.Id}/{index:00000}.png",
            Sha256 = png is null ? null : Convert.ToHexStringLower(SHA256.HashData(png)),
            Attempt = attempt,
            Seed = seed,
            Prompt = prompt,
            NegativePrompt = engine.ReadsPrompts ? style.Negative : "",
            Engine = info.Engine,
            Model = info.Model,
            ModelSha256 = info.ModelHash,
            Sampler = info.Sampler,
            Steps = info.Steps,
            Guidance = engine.ReadsPrompts ? (float?)info.Guidance ?? style.Guidance : null,
            ControlScale = engine.ReadsPrompts ? style.ControlScale : null,
            Start = info.Start,
            Strength = info.Start is null or "noise" ? null : style.Strength,
            Source = Path.GetFileName(varied.Source.Picture),
            CheckNme = errors,
            Landmarks = png is null ? [] : [.. landmarks.SelectMany(p => (float[])[p.X, p.Y])],
        };
        return new Sample(record, png);
    }
}

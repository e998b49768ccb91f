using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Mdfld.Generation.Dataset;

/// <summary>
/// Makes the samples of a data set, each a function of seed, style and index. An attempt is repeated with other random
/// numbers where it does not pass the check.
/// </summary>
/// <param name="pool">The faces that landmarks are varied from.</param>
public sealed class SampleGenerator(
    StyleBook styles, LandmarkPool pool, FaceEngine engine, FaceCheck check, DatasetSettings settings)
{
    private readonly LandmarkVariation _variation = new(pool, settings.Size);

    /// <summary>Makes one sample; as many threads at a time as the engine allows.</summary>
    /// <returns>Its record and, unless every attempt failed, its picture as PNG.</returns>
    /// <exception cref="InvalidDataException">A photo is broken.</exception>
    public (SampleRecord Record, byte[]? Png) Make(Style style, int index)
    {
        var checks = new List<CheckResult?>();
        for (var attempt = 0; ; attempt++)
        {
            var seed = Seed(style, index, attempt);
            var random = new Random(seed);
            var varied = _variation.Draw(style, random);
            var prompt = engine.ReadsPrompts ? styles.Prompt(style, random) : style.Caption;
            var face = engine.Make(new FaceRequest(style, prompt, varied, random.Next()));
            // What is written is what is checked: three decimals.
            var landmarks = Array.ConvertAll(
                face.Landmarks, p => new Vector2(MathF.Round(p.X, 3), MathF.Round(p.Y, 3)));
            ContourCheck.Untangle(landmarks);
            checks.Add(ContourCheck.Problem(landmarks, settings.Size) is null ? check.Of(face.Picture, landmarks) : null);
            var accepted = checks[^1]?.IsPassed == true;
            if (!accepted && attempt + 1 < settings.Attempts)
                continue;
            var png = accepted ? face.Picture.EncodePng() : null;
            var (info, start) = (engine.Info, engine.Info.Start);
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
                Start = start,
                Strength = start?.StartsWith("noise", StringComparison.Ordinal) == false ? style.Strength : null,
                Source = Path.GetFileName(varied.Source.Picture),
                Checks = checks,
                Landmarks = png is null ? [] : [.. landmarks.SelectMany(p => (float[])[p.X, p.Y])],
            };
            return (record, png);
        }
    }

    /// <summary>A seed of 31 bits for all random numbers of an attempt, spread by SHA-256.</summary>
    private int Seed(Style style, int index, int attempt)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{settings.Seed}/{style.Id}/{index}/{attempt}");
        return BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name))) & int.MaxValue;
    }
}

internal sealed record FaceRequest(Style Style, string Prompt, VariedFace Face, int Seed);

/// <summary>A picture of a face and where its landmarks are, pixels.</summary>
internal sealed record StyledFace(Picture Picture, Vector2[] Landmarks);

/// <summary>The engine and its settings, for the records.</summary>
/// <param name="ModelHash">SHA-256 over the model's files, hexadecimal.</param>
/// <param name="Start">
/// Start of the diffusion: noise, photo or stylized; "+ photo" where the UNet reads the photo too.
/// </param>
/// <param name="Guidance">The model's own guidance scale, in place of the styles'.</param>
/// <param name="ComputeType">Element type of its networks: float32, bfloat16 or float16.</param>
public sealed record EngineInfo(
    string Engine, string? Model = null, string? ModelHash = null, string? Sampler = null, int? Steps = null,
    string? Start = null, double? Guidance = null, string? ComputeType = null);

/// <summary>Makes pictures of faces whose landmarks are known. The same request gives the same bytes.</summary>
public abstract class FaceEngine : IDisposable
{
    public abstract EngineInfo Info { get; }

    /// <summary>Whether it reads the prompt; else the prompt in a record is the style's caption.</summary>
    public abstract bool ReadsPrompts { get; }

    /// <summary>Most threads at a time; null for any number.</summary>
    public virtual int? Workers => null;

    /// <summary>Makes one picture.</summary>
    /// <exception cref="InvalidDataException">A photo it needs is broken.</exception>
    /// <exception cref="IOException">A photo it needs cannot be read.</exception>
    internal abstract StyledFace Make(FaceRequest request);

    public virtual void Dispose() => GC.SuppressFinalize(this);
}

using System.Numerics;

namespace Mdfld.Diffusion.Synthesis;

/// <summary>One picture to be made.</summary>
/// <param name="Style">The style.</param>
/// <param name="Prompt">What the picture shows.</param>
/// <param name="Face">The landmarks wanted, and the labelled face they come from.</param>
/// <param name="Seed">Seed of all random numbers of the engine.</param>
public sealed record FaceRequest(Style Style, string Prompt, VariedFace Face, int Seed);

/// <summary>A picture of a face and where its landmarks are, pixels.</summary>
public sealed record StyledFace(Picture Picture, Vector2[] Landmarks);

/// <summary>The engine and its settings, for the records.</summary>
/// <param name="Engine">Name of the engine.</param>
/// <param name="Model">Folder of the model, its last name; null where there is none.</param>
/// <param name="ModelHash">SHA-256 over the model's files, hexadecimal.</param>
/// <param name="Sampler">Name of the sampler.</param>
/// <param name="Steps">Its steps.</param>
/// <param name="Start">Start of the diffusion: noise, photo or stylized.</param>
/// <param name="Guidance">The model's own guidance scale, in place of the styles'; null where it has none.</param>
public sealed record EngineInfo(
    string Engine,
    string? Model = null,
    string? ModelHash = null,
    string? Sampler = null,
    int? Steps = null,
    string? Start = null,
    double? Guidance = null);

/// <summary>Makes pictures of faces whose landmarks are known. The same request gives the same bytes.</summary>
public interface IFaceEngine : IDisposable
{
    /// <summary>The engine and its settings.</summary>
    EngineInfo Info { get; }

    /// <summary>Whether it reads the prompt; else the prompt in a record is the style's caption.</summary>
    bool ReadsPrompts { get; }

    /// <summary>Most threads at a time; null for any number.</summary>
    int? Workers { get; }

    /// <summary>Makes one picture.</summary>
    /// <exception cref="InvalidDataException">A photo it needs is broken.</exception>
    /// <exception cref="IOException">A photo it needs cannot be read.</exception>
    StyledFace Make(FaceRequest request);
}

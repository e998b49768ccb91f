using System.Numerics;

namespace Mdfld.Diffusion.Synthesis;

/// <summary>What a picture is asked for.</summary>
/// <param name="Style">The style.</param>
/// <param name="Prompt">What is to be seen, in words.</param>
/// <param name="Face">Where the landmarks are to be, and the labelled face they come from.</param>
/// <param name="Seed">All draws of the engine come from it.</param>
public sealed record FaceRequest(Style Style, string Prompt, VariedFace Face, int Seed);

/// <summary>A picture of a face and where its landmarks are, pixels.</summary>
public sealed record StyledFace(Picture Picture, Vector2[] Landmarks);

/// <summary>What made a picture, as its record tells.</summary>
/// <param name="Engine">Name of the engine.</param>
/// <param name="Model">Folder of the model, its last name; null where there is none.</param>
/// <param name="ModelHash">SHA-256 over the model's files, hexadecimal.</param>
/// <param name="Sampler">Name of the sampler.</param>
/// <param name="Steps">Its steps.</param>
/// <param name="Start">What the picture was painted from: noise, photo or stylized.</param>
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
    /// <summary>What it is.</summary>
    EngineInfo Info { get; }

    /// <summary>Whether it reads the prompt; else pictures are only called after their style.</summary>
    bool ReadsPrompts { get; }

    /// <summary>How many threads may ask at once; null for any number.</summary>
    int? Workers { get; }

    /// <summary>Makes one picture.</summary>
    /// <exception cref="InvalidDataException">A photo it needs is broken.</exception>
    /// <exception cref="IOException">A photo it needs cannot be read.</exception>
    StyledFace Make(FaceRequest request);
}

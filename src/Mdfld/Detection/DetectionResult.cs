namespace Mdfld;

/// <summary>What came of one picture of a stream: its faces, or why there are none.</summary>
/// <typeparam name="T">What the caller names pictures by.</typeparam>
/// <param name="Source">The picture, as the caller named it.</param>
/// <param name="Image">Its pixels; null where it could not be read.</param>
/// <param name="Faces">The surest first; empty where there are none, and after an error.</param>
/// <param name="Error">Why this picture failed; null where it did not.</param>
public sealed record DetectionResult<T>(T Source, Image? Image, Landmarks[] Faces, Exception? Error);

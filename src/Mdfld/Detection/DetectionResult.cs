namespace Mdfld;

/// <summary>What came of one picture of a stream: its faces, or why there are none.</summary>
/// <typeparam name="T">What the caller names pictures by.</typeparam>
/// <param name="Source">The picture, as the caller named it.</param>
/// <param name="Picture">Its pixels; null where it was passed over or could not be read.</param>
/// <param name="Faces">Those of the highest confidence first; empty where there are none, and after an error.</param>
/// <param name="Error">Why this picture failed; null where it did not.</param>
public sealed record DetectionResult<T>(T Source, Picture? Picture, Landmarks[] Faces, Exception? Error);

namespace Mdfld;

/// <summary>Detectors of the default models, which this package holds: for research only, see its README.</summary>
public static class BundledLandmarkDetector
{
    extension(LandmarkDetector)
    {
        /// <summary>Makes a detector of the default models.</summary>
        /// <param name="options">How it runs.</param>
        /// <exception cref="FileNotFoundException">The finder's file is not there.</exception>
        /// <exception cref="InvalidDataException">The finder's file is no face finder.</exception>
        /// <exception cref="ArgumentException">The options make no sense.</exception>
        /// <exception cref="NotSupportedException">The device is not there.</exception>
        public static LandmarkDetector Create(DetectorOptions? options = null) => LandmarkDetector.Create(
            LandmarkModel.Load(BundledModel.Read("compact.onnx"), "compact.onnx", options), options);

        /// <summary>
        /// Makes a detector of another landmark model, which it then owns, and the default face finder.
        /// </summary>
        /// <inheritdoc cref="Create(DetectorOptions?)"/>
        public static LandmarkDetector Create(LandmarkModel model, DetectorOptions? options = null) =>
            new(model, () => FaceFinder.Create(options), options);
    }
}

/// <summary>The default face finder, which is inside this package: for research only, see its README.</summary>
public static class BundledFaceFinder
{
    extension(FaceFinder)
    {
        /// <summary>Makes the default face finder.</summary>
        /// <param name="options">How faces are searched.</param>
        /// <exception cref="ArgumentException">The options make no sense.</exception>
        /// <exception cref="NotSupportedException">The device is not there.</exception>
        public static FaceFinder Create(DetectorOptions? options = null) =>
            FaceFinder.Load(BundledModel.Read("finder.onnx"), "finder.onnx", options);
    }
}

/// <summary>The .onnx files of models/ that were built into this assembly.</summary>
internal static class BundledModel
{
    public static byte[] Read(string name)
    {
        using var stream = typeof(BundledModel).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"Mdfld.Bundle was built without the model {name}");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}

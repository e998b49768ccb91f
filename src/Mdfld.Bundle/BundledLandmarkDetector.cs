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

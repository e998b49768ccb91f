namespace Mdfld;

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

using System.Runtime.InteropServices;
using System.Text;

namespace Mdfld.Bench;

/// <summary>dlib's predictor of 68 points, through bench/dlib. Serves any number of threads at once.</summary>
internal sealed unsafe class DlibPredictor : IDisposable
{
    private const string Weights = "/usr/share/dlib/shape_predictor_68_face_landmarks.dat";

    private readonly nint _library = NativeLibrary.Load(Repository.File(".build", "bench", "libdlib_points.so"));
    private readonly nint _predictor;

    public DlibPredictor()
    {
        var open = (delegate* unmanaged<byte*, nint>)NativeLibrary.GetExport(_library, "dlib_open");
        fixed (byte* path = Encoding.UTF8.GetBytes(Weights + "\0"))
            _predictor = open(path);
        if (_predictor == 0)
            throw new InvalidDataException($"{Weights}: dlib cannot read it; bench/run.sh installs it");
    }

    /// <summary>The picture in dlib's form; <see cref="Free"/> it.</summary>
    public nint Picture(Picture image)
    {
        var make = (delegate* unmanaged<byte*, int, int, nint>)NativeLibrary.GetExport(_library, "dlib_image");
        fixed (byte* pixels = image.Data)
            return make(pixels, image.Width, image.Height);
    }

    public void Free(nint picture) =>
        ((delegate* unmanaged<nint, void>)NativeLibrary.GetExport(_library, "dlib_free_image"))(picture);

    /// <summary>Finds the points of the face in a box.</summary>
    public void Find(nint picture, FaceBox box, Span<float> points)
    {
        var find = (delegate* unmanaged<nint, nint, int, int, int, int, float*, int>)
            NativeLibrary.GetExport(_library, "dlib_points");
        fixed (float* target = points)
        {
            find(
                _predictor, picture, (int)box.Left, (int)box.Top, (int)box.Width, (int)box.Height, target);
        }
    }

    public void Dispose()
    {
        ((delegate* unmanaged<nint, void>)NativeLibrary.GetExport(_library, "dlib_close"))(_predictor);
        NativeLibrary.Free(_library);
    }
}

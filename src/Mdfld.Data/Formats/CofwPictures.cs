using Mdfld.Hdf5;

namespace Mdfld.Data;

/// <summary>
/// The pictures inside COFW's .mat of MATLAB 7.3: IsTr or IsT, a cell a face; bytes of height x width, or
/// height x width x 3 in colour.
/// </summary>
internal static class CofwPictures
{
    private const int MostPictures = 100_000;

    private static readonly string[] Variables = ["IsTr", "IsT", "Is"];

    /// <summary>What gives each picture as a PNG file by its name; null where the file holds none.</summary>
    /// <exception cref="FormatException">The file is broken.</exception>
    public static Func<string, byte[]>? Of(string path)
    {
        using var stream = File.OpenRead(path);
        if (!Hdf5File.Is(stream))
            return null;
        var file = Hdf5File.Open(stream);
        var cells = Variables.Select(file.Find).FirstOrDefault(d => d is not null);
        if (cells is null)
            return null;
        var addresses = cells.References(MostPictures);
        return name => Read(path, name, addresses);
    }

    /// <summary>What the picture of a face is called, from 0 on.</summary>
    public static string NameOf(int face) => $"{face + 1:000000}.png";

    private static byte[] Read(string path, string name, ulong[] addresses)
    {
        if (!int.TryParse(Path.GetFileNameWithoutExtension(name), out var number) || number < 1
            || number > addresses.Length || name != NameOf(number - 1))
            throw new FileNotFoundException($"{path}: no picture {name} in it", name);
        return AnnotationText.At($"{path}, picture {number}", () =>
        {
            using var stream = File.OpenRead(path);
            return Decode(Hdf5File.Open(stream).At(addresses[number - 1])).EncodePng();
        });
    }

    private static Picture Decode(Hdf5Dataset cell)
    {
        // MATLAB's order of dimensions is the reverse: columns lie together.
        var (channels, width, height) = cell.Shape switch
        {
            [var w, var h] => (1L, w, h),
            [3, var w, var h] => (3, w, h),
            var other => throw new FormatException($"{string.Join(" x ", other)} elements are no picture"),
        };
        if (cell.Class != Hdf5Class.Integer || cell.ElementBytes != 1 || width < 1 || height < 1)
            throw new FormatException("no picture of bytes");
        var bytes = cell.Bytes(Picture.DefaultMaxPixels * Picture.Channels);
        var image = new Picture((int)width, (int)height);
        for (var y = 0; y < height; y++)
        {
            var row = image.Row(y);
            for (var x = 0; x < width; x++)
            {
                for (var c = 0; c < Picture.Channels; c++)
                    row[(x * Picture.Channels) + c] = bytes[(((c % channels * width) + x) * height) + y];
            }
        }
        return image;
    }
}

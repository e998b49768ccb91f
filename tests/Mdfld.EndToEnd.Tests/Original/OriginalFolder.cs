using System.Numerics;
using Mdfld.Tests.Star;

namespace Mdfld.Tests.Original;

/// <summary>
/// A folder laid out as the original wants it: image_dir/300W, annot_dir/300W, from the golden samples.
/// </summary>
internal sealed class OriginalFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public OriginalFolder()
    {
        Directory.CreateDirectory(_folder["images", "300W", "afw"]);
        Directory.CreateDirectory(_folder["meta", "300W"]);
        var picture = StarGolden.CropPicture();
        picture.Save(_folder["images", "300W", "afw", "one.png"]);
        var upsideDown = new Picture(picture.Width, picture.Height);
        for (var y = 0; y < picture.Height; y++)
            picture.Row(y).CopyTo(upsideDown.Row(picture.Height - 1 - y));
        upsideDown.Save(_folder["images", "300W", "afw", "two.png"]);
        foreach (var name in (string[])["train.tsv", "test.tsv"])
            File.Copy(TestFiles.Golden("sample_300W_test.tsv"), _folder["meta", "300W", name]);
    }

    public string this[params string[] parts] => _folder[parts];

    public static string TinyStar => TestFiles.Golden("star_tiny.pkl");

    /// <summary>What every call needs.</summary>
    public string[] Flags(string mode, string weights) =>
    [
        "original", $"--mode={mode}", "--device_ids=-1", $"--image_dir={_folder["images"]}",
        $"--annot_dir={_folder["meta"]}", "--data_definition=300W", "--ckpt_dir", _folder["out"],
        "--pretrained_weight", weights,
    ];

    /// <summary>The one folder that a run has made.</summary>
    public string Run => Assert.Single(Directory.GetDirectories(_folder["out", "300W"]));

    public void Dispose() => _folder.Dispose();
}

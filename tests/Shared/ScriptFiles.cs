using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using Mdfld.Tests.Checkpoints;

namespace Mdfld.Tests.Torch;

/// <summary>TorchScript archives put together byte by byte, as torch.jit.save would write them.</summary>
internal static class ScriptFiles
{
    /// <summary>
    /// A landmark network whose points are <paramref name="points"/> (x, y after x, y), moved to the right by the
    /// picture's first channel's mean: what one sees of the input's order and scale.
    /// </summary>
    public static byte[] Face(float[] points) => Archive(
        """
            blue = torch.mean(torch.select(image, 1, 0), [1, 2])
            right = torch.stack([blue, torch.zeros_like(blue)], 1)
            return torch.add(torch.unsqueeze(self.points, 0), torch.unsqueeze(right, 1))
        """,
        points);

    /// <summary>
    /// A module with the buffer <c>points</c> (N, 2), its method forward(image) having the given body.
    /// </summary>
    public static byte[] Archive(string body, float[] points, string returns = "Tensor")
    {
        var code = $"""
            class Face(Module):
              __parameters__ = []
              __buffers__ = ["points", ]
              training : bool
              points : Tensor
              def forward(self: __torch__.Face,
                image: Tensor) -> {returns}:

            """ + body + "\n";
        var data = TorchFiles.Pickle(
            "c__torch__\nFace\n)", 0x81, "}(",
            TorchFiles.Text("training"), 0x88,
            TorchFiles.Text("points"), TorchFiles.Tensor([points.Length / 2, 2], [2, 1], count: points.Length),
            "ub");
        return Zip(("data.pkl", data), ("code/__torch__.py", Encoding.UTF8.GetBytes(code)),
            ("data/0", MemoryMarshal.AsBytes<float>(points).ToArray()));
    }

    private static byte[] Zip(params (string Name, byte[] Bytes)[] entries) => TorchFiles.ZipOf(
        CompressionLevel.NoCompression,
        [
            .. entries.Select(e => ($"face/{e.Name}", e.Bytes)),
            ("face/constants.pkl", TorchFiles.Pickle(")")),
            ("face/version", "3\n"u8.ToArray()),
        ]);
}

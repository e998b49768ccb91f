using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Mdfld.Cli.Tracking;
using Mdfld.Tests.Launchers;

namespace Mdfld.Tests.Cli;

/// <summary><c>mdfld track</c> on drawn clips: frames, videos, pipes, and what it writes.</summary>
[Collection(nameof(Alone))]
public sealed class TrackCommandTests : IDisposable
{
    private const int Frames = 8;

    private readonly TemporaryFolder _folder = new();

    public TrackCommandTests()
    {
        Directory.CreateDirectory(_folder["in"]);
        foreach (var (i, frame) in DrawnClips.Draw("talking", Frames).Index())
            // 10 comes after 9.
            frame.Picture.Save(_folder["in", $"{i + 5}.png"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AFolderOfFramesBecomesLines()
    {
        var run = await CliRun.Of("track", _folder["in"], "--rate", "25");
        Assert.Equal(0, run.ExitCode);
        var frames = Lines(run.Output);
        Assert.Equal(Enumerable.Range(0, Frames), frames.Select(f => f.GetProperty("frame").GetInt32()));
        Assert.Equal(1 / 25.0, frames[1].GetProperty("time").GetDouble(), 1e-6);
        Assert.All(frames, f => Assert.Equal(1, Assert.Single(f.GetProperty("faces").EnumerateArray()).GetProperty("id").GetInt32()));
        Assert.Matches(@"mdfld: 8 frames, [\d.]+ frames/s: 1 different face, searched in 3 of the frames", run.Error);
        // The mouth opens.
        double[] jaw = [.. frames.Select(f => f.GetProperty("faces")[0].GetProperty("expression").GetProperty("jawOpen").GetDouble())];
        Assert.True(jaw[^1] > jaw[0] + 0.2, string.Join(", ", jaw));
    }

    [Fact]
    public async Task EveryExportIsThereWhenTheLastFrameIs()
    {
        var out1 = _folder["out"];
        var run = await CliRun.Of(
            "track", _folder["in"], "--out", out1, "--format", "csv", "--overlay", "--quiet", "--neutral", "0.1",
            "--export", "livelink,motion3,aftereffects,blender,svg");
        Assert.Equal((0, "", ""), (run.ExitCode, run.Output, run.Error));
        Assert.Equal(
            ["face1.aftereffects.txt", "face1.blender.py", "face1.livelink.csv", "face1.motion3.json", "overlay.mp4", "track.csv"],
            Directory.GetFiles(out1).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Assert.Equal(Frames, Directory.GetFiles(Path.Combine(out1, "svg")).Length);
        Assert.Equal(Frames + 1, File.ReadAllLines(Path.Combine(out1, "track.csv")).Length);
        // The drawn video is one, and the tracker reads it.
        var again = await CliRun.Of("track", Path.Combine(out1, "overlay.mp4"));
        Assert.Equal((0, Frames), (again.ExitCode, Lines(again.Output).Length));
        // The studio takes no more frames than it asks for, a fourth of a second at two a second.
        Assert.InRange(VideoReader.Sample(Path.Combine(out1, "overlay.mp4"), 200).Count(), 1, 2);

        (await CliRun.Of("track", _folder["in"], "--out", out1, "--format", "csv")).AssertBadCall("holds the results of an earlier run");
        Assert.Equal(0, (await CliRun.Of("track", _folder["in"], "--out", out1, "--format", "csv", "--force", "--quiet")).ExitCode);
        // Nothing of the run before is left among the new results.
        Assert.Equal(["track.csv"], Directory.GetFiles(out1, "*", SearchOption.AllDirectories).Select(f => Path.GetFileName(f)));
        (await CliRun.Of("track", Path.Combine(out1, "overlay.mp4"), "--out", out1, "--overlay", "--force"))
            .AssertBadCall("which is in use");
    }

    [Fact]
    public async Task WhatIsNoVideoIsOneError()
    {
        File.WriteAllText(_folder["text.mp4"], "no video");
        Directory.CreateDirectory(_folder["empty"]);
        var broken = await CliRun.Of("track", _folder["text.mp4"]);
        Assert.Equal((1, ""), (broken.ExitCode, broken.Output));
        Assert.Contains("text.mp4: no video; ffmpeg says: ", broken.Error);
        Assert.Equal(1, broken.Error.Count(c => c == '\n'));
        (await CliRun.Of("track", _folder["empty"])).AssertBadCall("holds no pictures, expected the frames of a video");
        (await CliRun.Of("track", _folder["none.mp4"])).AssertBadCall("no such file or folder");
        (await CliRun.Of("track", _folder["in"], "--overlay")).AssertBadCall("--overlay needs --out DIR");
        (await CliRun.Of("track", _folder["in"], "--out", _folder["o"], "--export", "fbx")).AssertBadCall("--export 'fbx'");
        (await CliRun.Of("track", _folder["in"], "--live", "10x10")).AssertBadCall("name - as the video");
        (await CliRun.Of("track", "-", "--live", "10")).AssertBadCall("expected columns x rows");
        (await CliRun.Of("track", "-", "--live", "99999x99999")).AssertBadCall("at most --max-pixels");
    }

    /// <summary>A playlist that names another file, or the net, leads nowhere.</summary>
    [Fact]
    public async Task AVideoLeadsToNoOtherFile()
    {
        // A stream that is tracked by itself, but not through a list.
        Assert.Equal(0, Shell.Run("ffmpeg -v error -start_number 5 -i in/%d.png a.ts", _folder.Path).ExitCode);
        Assert.Equal(0, (await CliRun.Of("track", _folder["a.ts"])).ExitCode);
        foreach (var other in (string[])["a.ts", "http://127.0.0.1:1/a.ts"])
        {
            await File.WriteAllTextAsync(
                _folder["list.m3u8"], $"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{other}\n#EXT-X-ENDLIST\n");
            var run = await CliRun.Of("track", _folder["list.m3u8"]);
            Assert.Equal((1, ""), (run.ExitCode, run.Output));
        }
    }

    /// <summary>Frames that come faster than they are worked on are passed over, the last one never.</summary>
    [Fact]
    public void LiveFramesArePassedOverAndNeverQueued()
    {
        const int Many = 200;
        using (var raw = File.Create(_folder["raw"]))
        {
            var frame = DrawnClips.Draw("still", 1).Single().Picture;
            for (var i = 0; i < Many; i++)
                raw.Write(frame.Data);
        }
        var run = Shell.Run($"{Command} track - --live 480x270 <raw", _folder.Path);
        Assert.Equal(0, run.ExitCode);
        var numbers = Lines(run.Output).Select(f => f.GetProperty("frame").GetInt32()).ToArray();
        Assert.Equal(numbers.Order(), numbers);
        Assert.Equal(Many - 1, numbers[^1]);
        Assert.InRange(numbers.Length, 1, Many - 1);
        Assert.Contains($"{Many - numbers.Length} frames passed over to keep up", run.Errors);
    }

    [Fact]
    public void AVideoComesFromStandardInput()
    {
        var run = Shell.Run(
            $"ffmpeg -v error -start_number 5 -i in/%d.png -f matroska -c:v mjpeg - | {Command} track - --quiet", _folder.Path);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.InRange(Lines(run.Output).Length, Frames, Frames + 10);
    }

    /// <summary>OSC as its specification has it: a bundle of messages, text filled to four bytes, numbers big-endian.</summary>
    [Fact]
    public async Task AvatarsAreToldWhileTracking()
    {
        using var receiver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)receiver.Client.LocalEndPoint!).Port;
        var run = await CliRun.Of("track", _folder["in"], "--vmc", $"{port}", "--quiet");
        Assert.Equal(0, run.ExitCode);
        var faces = Lines(run.Output);
        for (var i = 0; i < Frames; i++)
        {
            var messages = Osc((await receiver.ReceiveAsync()).Buffer).ToArray();
            Assert.Equal("/VMC/Ext/OK", messages[0].Address);
            var bone = messages.Single(m => m.Address == "/VMC/Ext/Bone/Pos").Values;
            Assert.Equal("Head", bone[0]);
            float[] q = [.. bone[1..].Cast<float>()];
            // The avatar stands opposite, its right is the picture's left; Unity's y is up.
            var gaze = Vector3.Transform(Vector3.UnitZ, new Quaternion(q[3], q[4], q[5], q[6]));
            var expected = Gaze(faces[i].GetProperty("faces")[0].GetProperty("pose"));
            Assert.Equal(-expected.X, gaze.X, 0.01f);
            Assert.Equal(-expected.Y, gaze.Y, 0.01f);
            Assert.Equal("/VMC/Ext/Blend/Apply", messages[^1].Address);
            var jaw = messages.Single(m => m.Address == "/VMC/Ext/Blend/Val" && (string)m.Values[0] == "JawOpen").Values[1];
            var told = faces[i].GetProperty("faces")[0].GetProperty("expression").GetProperty("jawOpen").GetSingle();
            Assert.Equal(told, (float)jaw, 1e-3f);
        }
    }

    /// <summary>Where a face looks, in the picture: turned by yaw, then pitch, then roll.</summary>
    private static Vector2 Gaze(JsonElement pose)
    {
        var (yaw, pitch, roll) = (Angle("yaw"), Angle("pitch"), Angle("roll"));
        return Vector2.Transform(
            new(MathF.Sin(yaw), -MathF.Cos(yaw) * MathF.Sin(pitch)), Matrix3x2.CreateRotation(roll));

        float Angle(string name) => pose.GetProperty(name).GetSingle() * MathF.PI / 180;
    }

    private static IEnumerable<(string Address, List<object> Values)> Osc(byte[] bundle)
    {
        Assert.Equal("#bundle\0", Encoding.ASCII.GetString(bundle, 0, 8));
        for (var at = 16; at < bundle.Length;)
        {
            var size = BinaryPrimitives.ReadInt32BigEndian(bundle.AsSpan(at));
            Assert.Equal(0, size % 4);
            var (message, next) = (bundle.AsMemory(at + 4, size), 0);
            at += 4 + size;
            var address = Text(message, ref next);
            var values = new List<object>();
            foreach (var type in Text(message, ref next)[1..])
            {
                if (type == 's')
                {
                    values.Add(Text(message, ref next));
                    continue;
                }
                var bits = BinaryPrimitives.ReadInt32BigEndian(message.Span[next..]);
                next += 4;
                values.Add(type == 'i' ? bits : BitConverter.Int32BitsToSingle(bits));
            }
            Assert.Equal(size, next);
            yield return (address, values);
        }

        static string Text(Memory<byte> message, ref int at)
        {
            var end = message.Span[at..].IndexOf((byte)0);
            var text = Encoding.ASCII.GetString(message.Span.Slice(at, end));
            at += (end / 4 * 4) + 4;
            return text;
        }
    }

    private static JsonElement[] Lines(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];

    private static string Command =>
        $"DOTNET_EnableWriteXorExecute=0 dotnet '{Path.Combine(AppContext.BaseDirectory, "Mdfld.Cli.dll")}'";
}

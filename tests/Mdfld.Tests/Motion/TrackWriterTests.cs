using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Mdfld.Tests.Pose;

namespace Mdfld.Tests.Motion;

/// <summary>What animation programs are given, read back by readers that are not ours.</summary>
public sealed partial class TrackWriterTests
{
    private const int Frames = 8;
    private const double Rate = 30;

    private static readonly TrackedFace[] Track = [.. Enumerable.Range(0, Frames).Select(Face)];

    [Fact]
    public void JsonLinesHoldPointsPoseAndExpression()
    {
        var lines = Written("jsonl", null).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Frames, lines.Length);
        using var json = JsonDocument.Parse(lines[5]);
        var (frame, face) = (json.RootElement, json.RootElement.GetProperty("faces")[0]);
        Assert.Equal(5, frame.GetProperty("frame").GetInt32());
        Assert.Equal(5 / Rate, frame.GetProperty("time").GetDouble(), 1e-4);
        Assert.Equal(7, face.GetProperty("id").GetInt32());
        Assert.Equal(68, face.GetProperty("raw").GetArrayLength());
        Assert.Equal(Track[5].Smooth.Points[30].X, face.GetProperty("landmarks")[30][0].GetSingle(), 1e-3f);
        Assert.Equal(Track[5].Pose!.Yaw, face.GetProperty("pose").GetProperty("yaw").GetSingle(), 0.01f);
        Assert.True(face.GetProperty("expression").TryGetProperty("jawOpen", out _));
        Assert.False(face.GetProperty("expression").TryGetProperty("tongueOut", out _));
    }

    [Fact]
    public void TheTableHasALineAFace()
    {
        var lines = Written("csv", null).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Frames + 1, lines.Length);
        var columns = lines[0].Split(',');
        Assert.All(lines, l => Assert.Equal(columns.Length, l.Split(',').Length));
        Assert.Equal(Track[2].Smooth.Points[8].Y, Number(lines[3].Split(',')[Array.IndexOf(columns, "y8")]), 1e-3);
    }

    /// <summary>The header of the app's own recordings; 61 numbers, of which the angles are radians.</summary>
    [Fact]
    public void LiveLinkHasTheAppsColumns()
    {
        var lines = Written("livelink").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var columns = lines[0].Split(',');
        Assert.Equal(63, columns.Length);
        Assert.Equal(["Timecode", "BlendShapeCount", "EyeBlinkLeft", "EyeLookDownLeft"], columns[..4]);
        Assert.Equal(["TongueOut", "HeadYaw"], columns[53..55]);
        Assert.Equal(columns.Length, columns.Distinct().Count());
        foreach (var (i, line) in lines[1..].Index())
        {
            var cells = line.Split(',');
            // As Faceit reads it: sixtieths.
            var parts = cells[0].Split(':').Select(Number).ToArray();
            Assert.Equal(i / Rate, (3600 * parts[0]) + (60 * parts[1]) + parts[2] + (parts[3] / 60), 1e-4);
            Assert.Equal("61", cells[1]);
            Assert.All(cells[2..54], c => Assert.InRange(Number(c), 0, 1));
            Assert.Equal(Track[i].Expression!.BlendShapes["jawOpen"], Number(cells[Array.IndexOf(columns, "JawOpen")]), 1e-3);
            var pose = Track[i].Pose!;
            double[] angles = [.. cells[54..57].Select(c => Number(c) * 180 / Math.PI)];
            Assert.Equal([pose.Yaw, -pose.Pitch, pose.Roll], angles, (a, b) => Math.Abs(a - b) < 0.05);
        }
    }

    /// <summary>Counts as Cubism checks them, times that rise, values within the parameters' ranges.</summary>
    [Fact]
    public void Live2DsCountsAreTrue()
    {
        using var json = JsonDocument.Parse(Written("motion3"));
        var (meta, curves) = (json.RootElement.GetProperty("Meta"), json.RootElement.GetProperty("Curves"));
        Assert.Equal(3, json.RootElement.GetProperty("Version").GetInt32());
        Assert.Equal(curves.GetArrayLength(), meta.GetProperty("CurveCount").GetInt32());
        var (segments, points, ids) = (0, 0, new List<string>());
        foreach (var curve in curves.EnumerateArray())
        {
            Assert.Equal("Parameter", curve.GetProperty("Target").GetString());
            ids.Add(curve.GetProperty("Id").GetString()!);
            double[] numbers = [.. curve.GetProperty("Segments").EnumerateArray().Select(n => n.GetDouble())];
            var (time, at) = (numbers[0], 2);
            points++;
            for (; at < numbers.Length; at += 3)
            {
                Assert.Equal(0, numbers[at]);
                Assert.True(numbers[at + 1] > time);
                time = numbers[at + 1];
                (segments, points) = (segments + 1, points + 1);
            }
            Assert.Equal(numbers.Length, at);
            Assert.Equal(meta.GetProperty("Duration").GetDouble(), time, 1e-3);
        }
        Assert.Equal(segments, meta.GetProperty("TotalSegmentCount").GetInt32());
        Assert.Equal(points, meta.GetProperty("TotalPointCount").GetInt32());
        Assert.Equal(
            ["ParamAngleX", "ParamAngleY", "ParamAngleZ", "ParamEyeLOpen", "ParamEyeROpen", "ParamMouthForm", "ParamMouthOpenY"],
            ids);
    }

    /// <summary>The clipboard's text, by its grammar: header, tracks of keyframes, end.</summary>
    [Fact]
    public void AfterEffectsTextIsOfItsGrammar()
    {
        var text = Written("aftereffects");
        var match = KeyframeData().Match(text);
        Assert.True(match.Success && match.Length == text.Length, text[..Math.Min(text.Length, 600)]);
        Assert.Equal(3 + 68, match.Groups["track"].Captures.Count);
        Assert.Equal((3 + 68) * Frames, match.Groups["key"].Captures.Count);
        Assert.Contains("\tUnits Per Second\t30\r\n", text);
    }

    /// <summary>Run by Python with a Blender that only notes what is made.</summary>
    [Fact]
    public async Task BlendersScriptMakesAnEmptyForEachPoint()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["bpy.py"], """
            from types import SimpleNamespace as N
            made = []
            def new(name, data):
                o = N(name=name, keys=[])
                o.keyframe_insert = lambda what, frame: o.keys.append((what, frame, tuple(getattr(o, what))))
                made.append(o)
                return o
            data = N(objects=N(new=new))
            context = N(scene=N(render=N(fps=0, fps_base=1), collection=N(objects=N(link=lambda o: None))))
            """);
        File.WriteAllText(folder["face.py"], Written("blender"));
        File.WriteAllText(folder["run.py"], """
            import bpy, runpy
            runpy.run_path("face.py")
            print(len(bpy.made), bpy.context.scene.render.fps)
            head, nose = bpy.made[0], bpy.made[1 + 30]
            print(head.rotation_mode, *head.keys[-1][2])
            print(len(nose.keys), nose.keys[3][1], *nose.keys[3][2])
            """);
        using var python = Start(folder.Path);
        if (python is null)
            return;
        var (output, errors) = (python.StandardOutput.ReadToEndAsync(), python.StandardError.ReadToEndAsync());
        await python.WaitForExitAsync();
        Assert.Equal("", await errors);
        var lines = (await output).Split('\n', StringSplitOptions.TrimEntries);
        Assert.Equal("69 30", lines[0]);
        double[] nose = [.. lines[2].Split(' ').Select(Number)];
        Assert.Equal([Frames, 3], nose[..2]);
        Assert.Equal((Track[3].Smooth.Points[30].X - 199.5) / 100, nose[2], 1e-3);
        Assert.Equal(-(Track[3].Smooth.Points[30].Y - 149.5) / 100, nose[4], 1e-3);
        // The empty's -y looks where the face looks, its z is the face's top: turned about z, x, y.
        var head = lines[1].Split(' ');
        Assert.Equal("ZXY", head[0]);
        var (x, y, z) = ((float)Number(head[1]), (float)Number(head[2]), (float)Number(head[3]));
        var turn = Matrix4x4.CreateRotationZ(z) * Matrix4x4.CreateRotationX(x) * Matrix4x4.CreateRotationY(y);
        var pose = Track[^1].Pose!;
        var seen = Heads.Seen([Vector3.UnitZ, -Vector3.UnitY], pose.Yaw, pose.Pitch, pose.Roll, 1, default);
        foreach (var (blender, expected) in new[] { -Vector3.UnitY, Vector3.UnitZ }.Zip(seen))
        {
            var turned = Vector3.Transform(blender, turn);
            Assert.Equal(expected.X, turned.X, 1e-3f);
            Assert.Equal(-expected.Y, turned.Z, 1e-3f);
        }

        static Process? Start(string folder)
        {
            try
            {
                return Process.Start(new ProcessStartInfo("python3", ["run.py"])
                {
                    WorkingDirectory = folder,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                });
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // This machine has no Python.
                return null;
            }
        }
    }

    /// <summary>XML, a group a face, curves that start and end at their points.</summary>
    [Fact]
    public void SvgHoldsTheCurves()
    {
        var svg = XDocument.Parse(ResultWriter.Svg("a <b> & \"c\"", 400, 300, [Track[0].Smooth, Track[1].Smooth]));
        XNamespace space = "http://www.w3.org/2000/svg";
        Assert.Equal("a <b> & \"c\"", svg.Root!.Element(space + "title")!.Value);
        var groups = svg.Root.Elements(space + "g").ToArray();
        Assert.Equal(2, groups.Length);
        var paths = groups[0].Elements(space + "path").ToDictionary(p => (string)p.Attribute("class")!, p => (string)p.Attribute("d")!);
        Assert.Equal(13, paths.Count);
        var lid = Numbers().Matches(paths["leftUpperLid"]).Select(m => Number(m.Value)).ToArray();
        Assert.Equal(2 + (3 * 6), lid.Length);
        Assert.Equal(Track[0].Smooth.Points[42].X, lid[0], 0.01);
        Assert.Equal(Track[0].Smooth.Points[45].Y, lid[^1], 0.01);
    }

    [Fact]
    public void AFormatOfOneFaceWantsItsNumber()
    {
        using var writer = new TrackWriter(new StringWriter(), "motion3", 10, 10, 30);
        Assert.Throws<InvalidOperationException>(() => writer.Write(0, 0, Track[..1]));
        Assert.Throws<ArgumentException>(() => new TrackWriter(new StringWriter(), "fbx", 10, 10, 30));
    }

    private static string Written(string format, int? face = 7)
    {
        using var text = new StringWriter { NewLine = "\n" };
        using (var writer = new TrackWriter(text, format, 400, 300, Rate) { Face = face })
        {
            for (var i = 0; i < Frames; i++)
                writer.Write(i, i / Rate, [Track[i]]);
        }
        return text.ToString();
    }

    /// <summary>A head that turns and opens its mouth.</summary>
    private static TrackedFace Face(int i)
    {
        var head = HeadPose.MeanHead.ToArray();
        foreach (var lower in (int[])[65, 66, 67])
            head[lower].Y += 0.05f * i;
        var points = Heads.Seen(head, 4 * i, -2 * i, i, 50, new(200 + i, 120));
        var face = new Landmarks(LandmarkScheme.Ibug68, [.. points], FaceBox.Around(points).ToCrop(1));
        return new TrackedFace(7, face, face) { Pose = face.Pose, Expression = face.Expression };
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"-?\d+(\.\d+)?")]
    private static partial Regex Numbers();

    [GeneratedRegex("""
        ^Adobe\ After\ Effects\ 8\.0\ Keyframe\ Data\r\n\r\n
        (\t[A-Z][A-Za-z ]+\t-?\d+(\.\d+)?\r\n){5}\r\n
        (?<track>(Transform\t(Position|Scale|Rotation)|Effects\tADBE\ Point\ Control\ \#\d+\tADBE\ Point\ Control-0001)\r\n
          \tFrame(\t(([XYZ]\ )?(pixels|percent|degrees)))+\t\r\n
          (?<key>\t\d+(\t-?\d+(\.\d+)?)+\t\r\n)+\r\n)*
        \r\nEnd\ of\ Keyframe\ Data\r\n
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex KeyframeData();
}

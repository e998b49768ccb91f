using System.Numerics;
using System.Text.Json;
using FsCheck.Xunit;
using Mdfld.Tests.Launchers;

namespace Mdfld.Tests.Cli;

public sealed class DatasetCommandTests : IDisposable
{
    private static readonly string Samples = Path.Combine(TestFiles.RepositoryRoot, "samples");

    private readonly TemporaryFolder _folder = new();
    private int _count;

    public static TheoryData<string> Written =>
        [.. AnnotationFormat.All.Where(f => f.IsWritten && f.IsRead && f.Name != "wflw").Select(f => f.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Written))]
    public async Task ConvertsThereAndBack(string format)
    {
        var there = await CliRun.Of("dataset", "convert", Samples, _folder["there"], "--to", format, "--copy");
        Assert.Equal((0, ""), (there.ExitCode, there.Error));
        Assert.Contains("7 faces of 7 pictures", there.Output);
        var back = await CliRun.Of("dataset", "convert", _folder["there"], _folder["back"], "--to", "star", "--copy");
        Assert.Equal((0, ""), (back.ExitCode, back.Error));
        var keeps = AnnotationFormat.ByName(format).KeepsStyles;
        Assert.Equal(!keeps, there.Output.Contains($"styles are not kept by {format}"));
        var (expected, found) = (FaceFolder.Open(Samples), FaceFolder.Open(_folder["back"]));
        foreach (var face in expected.Faces)
        {
            var same = found.Faces.Single(f => f.ImagePath == face.ImagePath);
            Assert.Equal(face.Landmarks, same.Landmarks);
            Assert.Equal(keeps ? face.Style : null, same.Style);
            Assert.Equal(File.ReadAllBytes(expected.ImagePath(face)), File.ReadAllBytes(found.ImagePath(same)));
        }
        Assert.Equal(["back", "there"], Entries(_folder.Path));
    }

    [Fact]
    public async Task PicturesComeOutOfCofwsFile()
    {
        var cofw = TestFiles.Cofw("packed.mat");
        var run = await CliRun.Of("dataset", "convert", cofw, _folder["out"], "--to", "star", "--copy");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var folder = FaceFolder.Open(_folder["out"]);
        Assert.Equal("COFW", folder.Scheme.Name);
        Assert.Equal(
            ["000001.png", "000002.png", "000003.png"],
            folder.Faces.Select(f => Path.GetFileName(folder.ImagePath(f))));
        Assert.All(folder.Faces, f => Assert.Equal(31, Picture.Load(folder.ImagePath(f)).Width));
        var inspection = await CliRun.Of("dataset", "inspect", cofw, "--json");
        Assert.Contains("\"missing\":0,\"broken\":0", inspection.Output);
        var split = await CliRun.Of("dataset", "split", cofw, _folder["parts"], "--parts", "a=0.7,b=0.3", "--copy");
        Assert.Equal((0, ""), (split.ExitCode, split.Error));
        Assert.Equal(3, Directory.EnumerateFiles(_folder["parts"], "*.png", SearchOption.AllDirectories).Count());
    }

    [Fact]
    public async Task PixelsMayCountFromOne()
    {
        await Convert(Samples, "--to", "pts", "--to-pixel", "1");
        var (zero, one) = (FaceSet.Read(Samples).Faces, FaceSet.Read(_folder["out1"]).Faces);
        var first = one.Single(f => f.ImagePath == "anime.jpg");
        Assert.Equal(zero[0].Landmarks.Select(p => p + Vector2.One), first.Landmarks);
        await Convert(_folder["out1"], "--to", "csv", "--from-pixel", "1");
        var back = FaceSet.Read(_folder["out2"]).Faces.Single(f => f.ImagePath == "anime.jpg");
        Assert.All(
            zero[0].Landmarks.Zip(back.Landmarks), p => Assert.InRange(Vector2.Distance(p.First, p.Second), 0, 1e-3));
    }

    [Fact]
    public async Task PointsAreConvertedWhereTheyFollow()
    {
        var faces = Enumerable.Range(0, 98).Select(i => new Vector2(i, i * i % 97)).ToArray();
        MetadataFile.Write(_folder["wide.tsv"], [LabelledFace.FromLandmarks("a.png", faces)]);
        await Convert(_folder["wide.tsv"], "--to", "csv", "--points", "68");
        Assert.Equal(
            LandmarkScheme.Wflw98.Convert(faces, LandmarkScheme.Ibug68),
            FaceSet.Read(_folder["out1"]).Faces.Single().Landmarks);
        (await CliRun.Of("dataset", "convert", Samples, _folder["x"], "--to", "csv", "--points", "98"))
            .AssertBadCall("--points 98: no WFLW (98 points) follow from 300W (68 points)");
    }

    [Fact]
    public async Task WhatDetectWritesIsRead()
    {
        var picture = Path.Combine(Samples, "images", "comic.png");
        foreach (var format in (string[])["json", "csv", "pts"])
        {
            var run = await CliRun.Of("detect", picture, "--format", format, "--out", _folder[format], "-q");
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            var face = FaceSet.Read(_folder[format], null, Path.GetDirectoryName(picture)).Faces.Single();
            Assert.Equal("comic.png", face.ImagePath);
            var truth = FaceSet.Read(Samples).Faces.Single(f => f.ImagePath == "comic.png");
            Assert.InRange(Metrics.Nme([.. face.Landmarks], [.. truth.Landmarks], LandmarkScheme.Ibug68), 0, 0.1);
        }
    }

    /// <summary>What detect writes, read with the pictures' folder, from wherever the commands are run.</summary>
    [Theory]
    [InlineData("..", "work/pictures", "coco", "labelme", "star")]
    [InlineData(".", "pictures", "dlib", "csv", "via")]
    [InlineData("pictures/sub", "../", "yolo", "cvat", "labelstudio")]
    public void WhatDetectWritesIsReadFromAnyFolder(string here, string pictures, params string[] formats)
    {
        Directory.CreateDirectory(_folder["top", "work", "pictures", "sub"]);
        File.Copy(Path.Combine(Samples, "images", "comic.png"), _folder["top", "work", "pictures", "a b.PNG"]);
        File.Copy(Path.Combine(Samples, "images", "anime.png"), _folder["top", "work", "pictures", "sub", "c.png"]);
        var at = Path.GetFullPath(Path.Combine(_folder["top", "work"], here));
        var program = $"dotnet '{typeof(CliRun).Assembly.Location.Replace("Mdfld.EndToEnd.Tests.dll", "Mdfld.Cli.dll")}'";
        var result = Shell.Run(
            $"""
            set -e
            mdfld() ( {program} "$@" )
            mdfld detect '{pictures}' --out '{_folder["found"]}' --quiet
            mdfld dataset convert '{_folder["found"]}' '{_folder["first"]}' --to star --images '{pictures}' --copy
            from='{_folder["first"]}'
            for format in {string.Join(' ', formats)}; do
              mdfld dataset convert "$from" '{_folder["to"]}'-$format --to $format --copy
              from='{_folder["to"]}'-$format
            done
            mdfld dataset convert "$from" '{_folder["last"]}' --to star
            """,
            at);
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        var (first, last) = (FaceSet.Read(_folder["first"]).Faces, FaceSet.Read(_folder["last"]).Faces);
        Assert.Equal(2, first.Count);
        Assert.Equal(first.Select(f => f.ImagePath).Order(), last.Select(f => f.ImagePath).Order());
        foreach (var face in first)
        {
            Assert.True(File.Exists(_folder["first", "images", face.ImagePath]));
            var same = last.Single(f => f.ImagePath == face.ImagePath);
            Assert.All(
                face.Landmarks.Zip(same.Landmarks), p => Assert.InRange(Vector2.Distance(p.First, p.Second), 0, 0.01f));
        }
    }

    [Fact]
    public async Task AllThatIsWrongIsSaidAndMayBeLeftOut()
    {
        await Convert(Samples, "--to", "pts", "--copy");
        string[] broken = [.. Directory.EnumerateFiles(_folder["out1"], "*.pts", SearchOption.AllDirectories).Order().Take(2)];
        foreach (var file in broken)
            File.WriteAllText(file, File.ReadAllText(file).Replace("}", "1 2\n}"));
        // A name adds no line to the list.
        File.Move(broken[1], Path.ChangeExtension(broken[1], null) + "\n  all is well.pts");
        var refused = await CliRun.Of("dataset", "inspect", _folder["out1"]);
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Equal(4, refused.Error.Count(c => c == '\n'));
        Assert.Contains("anime.pts, line 73: 69 points, expected 68, 98 or 29", refused.Error);
        Assert.Contains("2 entries are wrong:\n  ", refused.Error);
        Assert.EndsWith("\n  --skip-bad leaves them out\n", refused.Error);
        var kept = await CliRun.Of(
            "dataset", "convert", _folder["out1"], _folder["rest"], "--to", "coco", "--skip-bad");
        Assert.Equal(0, kept.ExitCode);
        Assert.Contains("5 faces of 5 pictures; 2 entries that are wrong left out", kept.Output);
    }

    /// <summary>With --force what is there is replaced, but never what is read or where the user stands.</summary>
    [Fact]
    public async Task ForceReplacesAndQuietSaysNothing()
    {
        string[] convert = ["dataset", "convert", Samples, _folder["out"], "--to", "csv"];
        Assert.Equal(0, (await CliRun.Of(convert)).ExitCode);
        File.WriteAllText(_folder["out", "letter"], "");
        (await CliRun.Of(convert)).AssertBadCall("holds something already; name another, or --force");
        var forced = await CliRun.Of([.. convert, "--force", "--quiet"]);
        Assert.Equal((0, "", ""), (forced.ExitCode, forced.Output, forced.Error));
        Assert.False(File.Exists(_folder["out", "letter"]));
        Assert.Equal(["out"], Entries(_folder.Path));
        (await CliRun.Of("dataset", "convert", Path.Combine(_folder["out"], "annotations.csv"), _folder["out"], "--to",
            "pts", "--force")).AssertBadCall("which is in use");
        (await CliRun.Of("dataset", "convert", Samples, Directory.GetCurrentDirectory(), "--to", "pts", "--force"))
            .AssertBadCall("which is in use");
        // Pictures, too, where the labels are elsewhere.
        Directory.CreateDirectory(_folder["out", "pictures"]);
        File.Copy(TestFiles.Sample("comic.png"), _folder["out", "pictures", "comic.png"]);
        (await CliRun.Of("dataset", "convert", Samples, _folder["out"], "--to", "pts", "--force", "--images",
            _folder["out", "pictures"])).AssertBadCall("which is in use");
        string[][] others =
        [
            ["split", Samples, _folder["parts"], "--parts", "a=0.5,b=0.5"],
            ["preview", Samples, "--out", _folder["sheets"]],
            ["inspect", Samples],
        ];
        foreach (var other in others)
        {
            string[] again = other[0] == "inspect" ? [] : ["--force"];
            Assert.Equal(0, (await CliRun.Of(["dataset", .. other])).ExitCode);
            var run = await CliRun.Of(["dataset", .. other, .. again, "-q"]);
            Assert.Equal((0, "", ""), (run.ExitCode, run.Output, run.Error));
        }
    }

    [Fact]
    public async Task FacesWithMissingPointsAreLeftOutWhereAFormatCannotSaySo()
    {
        var set = FaceSet.Read(Samples);
        var face = set.Faces[0];
        MetadataFile.Write(_folder["a.tsv"],
        [
            .. set.Faces.Skip(1),
            LabelledFace.FromLandmarks(face.ImagePath, [LabelledFace.Missing, .. face.Landmarks.Skip(1)]),
        ]);
        var pts = await CliRun.Of("dataset", "convert", _folder["a.tsv"], _folder["pts"], "--to", "pts");
        Assert.Contains("6 faces of 6 pictures; 1 left out: pts cannot say which points are missing", pts.Output);
        var coco = await CliRun.Of("dataset", "convert", _folder["a.tsv"], _folder["coco"], "--to", "coco");
        Assert.Contains("7 faces of 7 pictures\n", coco.Output);
        Assert.Equal(1, FaceSet.Read(_folder["coco"]).Faces.Sum(f => f.Landmarks.Count(LabelledFace.IsMissing)));
    }

    [Fact]
    public async Task AMapSaysWherePointsBelong()
    {
        var row = string.Join(',', Enumerable.Range(0, 70).Select(i => $"{i},{2 * i}"));
        File.WriteAllText(
            _folder["t.csv"], $"image,{string.Join(',', Enumerable.Range(0, 70).Select(i => $"x{i},y{i}"))}\na.png,{row}\n");
        File.WriteAllText(_folder["map.txt"], string.Join('\n', Enumerable.Range(0, 68).Select(i => $"{69 - i} {i}")));
        await Convert(_folder["t.csv"], "--to", "json", "--map", _folder["map.txt"]);
        Assert.Equal(
            Enumerable.Range(0, 68).Select(i => new Vector2(69 - i, 2 * (69 - i))),
            FaceSet.Read(_folder["out1"]).Faces.Single().Landmarks);
        (await CliRun.Of("dataset", "inspect", Samples, "--map", _folder["none"])).AssertBadCall("--map ");
    }

    [Fact]
    public async Task BadCallsAreRefusedBeforeAnyWork()
    {
        (await CliRun.Of("dataset", "convert", _folder["no"], _folder["x"], "--to", "csv")).AssertBadCall(
            "no such file or folder");
        (await CliRun.Of("dataset", "convert", Samples, Samples, "--to", "csv")).AssertBadCall(
            "holds something already");
        (await CliRun.Of("dataset", "convert", Samples, _folder["x"], "--to", "cofw")).AssertBadCall("cofw");
        (await CliRun.Of("dataset", "convert", Samples, _folder["x"])).AssertBadCall("--to");
        (await CliRun.Of("dataset", "inspect", Samples, "--from", "xml")).AssertBadCall("xml");
        (await CliRun.Of("dataset", "inspect", Samples, "--images", _folder["no"])).AssertBadCall("no such folder");
        (await CliRun.Of("dataset", "preview", Samples, "--out", _folder["x"], "--size", "9")).AssertBadCall(
            "from 32 to 1024");
        foreach (var parts in (string[])[
            "train", "train=0.5", "a=0.5,a=0.5", "../a=0.5,b=0.5", "a=2,b=-1", "a=NaN,b=1", ""])
            (await CliRun.Of("dataset", "split", Samples, _folder["x"], "--parts", parts)).AssertBadCall("--parts");
        Assert.Empty(Entries(_folder.Path));
    }

    [Fact]
    public async Task AFailedJobLeavesNothing()
    {
        var tsv = _folder["a.tsv"];
        var faces = FaceSet.Read(Samples).Faces;
        MetadataFile.Write(tsv, [faces[0], faces[0] with { ImagePath = "gone.png" }]);
        var images = Path.Combine(Samples, "images");
        var copy = await CliRun.Of(
            "dataset", "convert", tsv, _folder["out"], "--to", "csv", "--copy", "--images", images);
        Assert.Equal((1, ""), (copy.ExitCode, copy.Output));
        Assert.Contains("gone.png: no such picture", copy.Error);
        var split = await CliRun.Of("dataset", "split", tsv, _folder["out"], "--parts", "a=0.98,b=0.01,c=0.01");
        Assert.Contains("nothing is left for", split.Error);
        Assert.Equal(1, split.ExitCode);
        var wflw = await CliRun.Of("dataset", "convert", tsv, _folder["out"], "--to", "wflw");
        Assert.Equal(1, wflw.ExitCode);
        Assert.Contains("a face of 68 points; wflw holds 98", wflw.Error);
        Assert.Equal(["a.tsv"], Entries(_folder.Path));
    }

    [Fact]
    public async Task AnEmptyFolderIsFilled()
    {
        Directory.CreateDirectory(_folder["out1"]);
        await Convert(Samples, "--to", "json");
        Assert.Equal(["annotations.json"], Entries(_folder["out1"]));
    }

    [Fact]
    public async Task InspectCountsAndFindsNothingWrong()
    {
        var run = await CliRun.Of("dataset", "inspect", Samples);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("7 faces of 68 points in 7 pictures", run.Output);
        Assert.Contains("no problems", run.Output);
        using var json = JsonDocument.Parse((await CliRun.Of("dataset", "inspect", Samples, "--json")).Output);
        Assert.Equal(7, json.RootElement.GetProperty("faces").GetInt32());
        Assert.Equal(1, json.RootElement.GetProperty("styles").GetProperty("manga").GetInt32());
        Assert.Equal(512, json.RootElement.GetProperty("picture_sizes").GetProperty("median")[0].GetInt32());
        Assert.All(
            json.RootElement.GetProperty("problem_counts").EnumerateObject(),
            p => Assert.Equal(0, p.Value.GetInt32()));
    }

    [Fact]
    public async Task InspectFindsEveryKindOfProblem()
    {
        var images = Directory.CreateDirectory(_folder["images"]).FullName;
        var good = FaceSet.Read(Samples);
        foreach (var face in good.Faces.Take(4))
            File.Copy(good.ImagePath(face), Path.Combine(images, face.ImagePath));
        File.Copy(Path.Combine(images, good.Faces[0].ImagePath), Path.Combine(images, "again.png"));
        File.WriteAllText(Path.Combine(images, "broken.png"), "no picture");
        var (first, points) = (good.Faces[0], good.Faces[0].Landmarks);
        LabelledFace[] faces =
        [
            first,
            first with { ImagePath = "gone.png" },
            first with { ImagePath = "broken.png" },
            first with { ImagePath = "again.png" },
            good.Faces[1].Moved(new Vector2(400, 0)),
            // The same face twice, the second moved a little.
            good.Faces[2], good.Faces[2].Moved(new Vector2(3, 2)),
            LabelledFace.FromLandmarks(good.Faces[3].ImagePath, [.. points.Select(p => p / 20)]),
            // Points of the mirrored face on the picture that was not mirrored: left and right change names.
            LabelledFace.FromLandmarks(
                good.Faces[3].ImagePath, [.. LandmarkScheme.Ibug68.MirrorPermutation.Select(i => points[i])]),
            // Each point is called as the next one.
            LabelledFace.FromLandmarks(
                good.Faces[3].ImagePath, [.. good.Faces[3].Landmarks.Skip(1), good.Faces[3].Landmarks[0]]),
            good.Faces[2] with { ImagePath = good.Faces[3].ImagePath, Centre = new Vector2(-400, 0) },
        ];
        MetadataFile.Write(_folder["annotations.tsv"], faces);
        var run = await CliRun.Of("dataset", "inspect", _folder.Path, "--json");
        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        var found = json.RootElement.GetProperty("problems").EnumerateArray()
            .Select(p => (p.GetProperty("kind").GetString(), p.GetProperty("image").GetString())).ToArray();
        Assert.Equal(
            [
                ("missing", "gone.png"), ("broken", "broken.png"), ("duplicate", "again.png"),
                ("outside", faces[4].ImagePath), ("duplicate", faces[5].ImagePath), ("tiny", faces[7].ImagePath),
                ("mirrored", faces[8].ImagePath), ("scrambled", faces[9].ImagePath), ("box", faces[10].ImagePath),
            ],
            found);
        var text = await CliRun.Of("dataset", "inspect", _folder.Path);
        Assert.Equal(1, text.ExitCode);
        Assert.All(DatasetInspection.Kinds, kind => Assert.Contains($"{kind}: ", text.Output));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.2)]
    [InlineData(3.1)]
    [InlineData(-2)]
    public void ATurnedHeadIsNotMirrored(double angle)
    {
        var set = FaceSet.Read(Samples);
        var map = Homography.Rotation(angle, 1, new Vector2(256, 256));
        var turned = set with
        {
            Faces = [.. set.Faces.Select(
                f => LabelledFace.FromLandmarks(f.ImagePath, [.. f.Landmarks.Select(map.Apply)]))],
        };
        Assert.DoesNotContain(DatasetInspection.Of(turned, 32, default).Problems, p => p.Kind == "mirrored");
    }

    [Fact]
    public async Task PreviewDrawsSheets()
    {
        var run = await CliRun.Of("dataset", "preview", Samples, "--out", _folder["sheets"], "--size", "64");
        Assert.Equal((0, "", ""), (run.ExitCode, run.Output, run.Error));
        var sheet = Picture.Load(_folder["sheets", "sheet-001.png"]);
        // Six columns and two rows of faces, each with a line of text.
        Assert.Equal(6 * 64, sheet.Width);
        Assert.InRange(sheet.Height, (2 * 64) + 14, (2 * 64) + 60);
        var dots = 0;
        for (var i = 0; i < sheet.Data.Length; i += 3)
        {
            var (red, green, blue) = (sheet.Data[i], sheet.Data[i + 1], sheet.Data[i + 2]);
            // Greener than the hair of a sample.
            dots += green > red + 100 && green > blue + 100 ? 1 : 0;
        }
        Assert.InRange(dots, 7 * 68, 7 * 68 * 4);

        MetadataFile.Write(_folder["gone.tsv"], [FaceSet.Read(Samples).Faces[0]]);
        var missing = await CliRun.Of("dataset", "preview", _folder["gone.tsv"], "--out", _folder["blank"]);
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("anime.png", missing.Error);
        Assert.True(File.Exists(_folder["blank", "sheet-001.png"]));
    }

    [Fact]
    public async Task SplitWritesPartsThatTrainAndEvaluateRead()
    {
        var run = await CliRun.Of(
            "dataset", "split", Samples, _folder["parts"], "--parts", "train=0.7,val=0.3", "--seed", "3", "--copy");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var (train, val) = (FaceFolder.Open(_folder["parts", "train"]), FaceFolder.Open(_folder["parts", "val"]));
        Assert.Equal((5, 2), (train.Faces.Count, val.Faces.Count));
        Assert.Equal(
            FaceSet.Read(Samples).Faces.Select(f => f.ImagePath).Order(),
            train.Faces.Concat(val.Faces).Select(f => f.ImagePath).Order());
        Assert.All(train.Faces, f => Assert.True(File.Exists(train.ImagePath(f))));
    }

    [Property(MaxTest = 50)]
    public void ASplitSharesNothingAndKeepsShares(int seed, byte size, bool wholeStyles)
    {
        var random = new Random(seed);
        var points = FaceSet.Read(Samples).Faces[0].Landmarks;
        var faces = Enumerable.Range(0, 20 + size).Select(_ => random.Next(10 + size)).Select(picture =>
            LabelledFace.FromLandmarks($"{picture}.png", points, $"style {picture % 4}")).ToArray();
        SplitPart[] parts = [new("train", 0.6), new("val", 0.25), new("test", 0.15)];
        var set = new FaceSet(_folder["none"], faces);
        var divided = DatasetSplit.Divide(set, parts, seed, wholeStyles);

        Assert.Equal(faces.Length, divided.Sum(d => d.Count));
        var places = divided.SelectMany((d, place) => d.Select(f => (f.ImagePath, f.Style, place)))
            .Distinct().ToArray();
        Assert.Equal(places.Length, places.DistinctBy(p => p.ImagePath).Count());
        if (wholeStyles)
        {
            Assert.Equal(
                places.DistinctBy(p => p.Style).Count(), places.DistinctBy(p => (p.Style, p.place)).Count());
        }
        else
        {
            foreach (var style in places.GroupBy(p => p.Style).Append(places.GroupBy(_ => "").Single()))
            {
                for (var p = 0; p < parts.Length; p++)
                    Assert.InRange(
                        style.Count(s => s.place == p),
                        (parts[p].Share * style.Count()) - 3, (parts[p].Share * style.Count()) + 3);
            }
        }

        // The same again, in whatever order; another seed divides otherwise.
        random.Shuffle(faces);
        var again = DatasetSplit.Divide(set with { Faces = faces }, parts, seed, wholeStyles);
        for (var p = 0; p < parts.Length; p++)
            Assert.Equal(divided[p].Select(f => f.ImagePath).Order(), again[p].Select(f => f.ImagePath).Order());
    }

    [Fact]
    public void AnotherSeedDividesOtherwise()
    {
        var points = FaceSet.Read(Samples).Faces[0].Landmarks;
        var set = new FaceSet(
            _folder["none"], [.. Enumerable.Range(0, 40).Select(i => LabelledFace.FromLandmarks($"{i}.png", points))]);
        SplitPart[] parts = [new("a", 0.5), new("b", 0.5)];
        var seeds = Enumerable.Range(0, 5).Select(
            seed => string.Join(' ', DatasetSplit.Divide(set, parts, seed, false)[0].Select(f => f.ImagePath)));
        Assert.Equal(5, seeds.Distinct().Count());
    }

    [Fact]
    public void CopiesOfAPictureStayTogether()
    {
        var source = FaceSet.Read(Samples);
        var images = Directory.CreateDirectory(_folder["images"]).FullName;
        var faces = new List<LabelledFace>();
        foreach (var face in source.Faces)
        {
            foreach (var name in (string[])["a-", "b-"])
            {
                File.Copy(source.ImagePath(face), Path.Combine(images, name + face.ImagePath));
                faces.Add(face with { ImagePath = name + face.ImagePath });
            }
        }
        for (var seed = 0; seed < 20; seed++)
        {
            var divided = DatasetSplit.Divide(new FaceSet(images, faces), [new("a", 0.5), new("b", 0.5)], seed, false);
            Assert.All(divided, part => Assert.All(
                part.GroupBy(f => f.ImagePath[2..]), picture => Assert.Equal(2, picture.Count())));
        }
    }

    private static string[] Entries(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];

    private async Task Convert(string from, params string[] options)
    {
        var run = await CliRun.Of(["dataset", "convert", from, _folder[$"out{++_count}"], .. options]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
    }
}

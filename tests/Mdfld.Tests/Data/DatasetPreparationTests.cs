using System.Formats.Tar;
using System.IO.Compression;
using System.Numerics;
using System.Security.Cryptography;

namespace Mdfld.Tests.Data;

/// <summary>Miniatures of the archives that people download, of drawn faces.</summary>
public sealed class DatasetPreparationTests : IDisposable
{
    private static readonly FaceSet Samples = FaceSet.Read(Path.Combine(TestFiles.RepositoryRoot, "samples"));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("folder")]
    [InlineData("zip")]
    [InlineData("tar.gz")]
    public void The300WFolders(string kind)
    {
        Pts("afw/1051618982_1", 0);
        Pts("helen/trainset/100032540_1", 1);
        Pts("helen/testset/296814969_3", 2);
        Pts("lfpw/trainset/image_0001", 3);
        Pts("lfpw/testset/image_0001", 4);
        // In the training set under another name what is measured on.
        Pts("lfpw/trainset/image_0002", 4);
        Pts("ibug/image_003_1", 5);
        File.WriteAllText(Path.Combine(Pts("helen/trainset/bad", 6), "bad.pts"), "version: 1\nn_points: 3\n{\n1 2\n}\n");
        var made = DatasetPreparation.Prepare("300w", Packed(kind), _folder["data"]);
        Assert.Equal(
            [
                new("real-val", 1, 0, 0, 0, 0), new("helen-val", 1, 0, 0, 0, 0), new("ibug-val", 1, 0, 0, 0, 0),
                new PreparedFolder("real-train", 3, 1, 0, 0, 1),
            ],
            made);
        Assert.Equal(
            ["helen-val", "ibug-val", "real-train", "real-val"],
            Directory.EnumerateFileSystemEntries(_folder["data"]).Select(Path.GetFileName).Order());
        var train = FaceFolder.Open(_folder["data", "real-train"]);
        Assert.Equal(
            ["afw_1051618982_1.png", "helen_100032540_1.png", "lfpw_image_0001.png"],
            train.Faces.Select(f => f.ImagePath).Order());
        var face = train.Faces.Single(f => f.ImagePath.StartsWith("helen", StringComparison.Ordinal));
        Assert.Equal(Samples.Faces[1].Landmarks, face.Landmarks);
        Assert.Equal(
            File.ReadAllBytes(Samples.ImagePath(Samples.Faces[1])), File.ReadAllBytes(train.ImagePath(face)));
        // As sha256sum -c checks it.
        var sums = File.ReadLines(_folder["data", "real-train", "SHA256SUMS"]).Select(l => l.Split("  ")).ToArray();
        Assert.Equal(4, sums.Length);
        Assert.All(sums, s => Assert.Equal(
            s[0], Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_folder["data", "real-train", s[1]])))));
        Assert.Contains("is there already", Refusal("300w", _folder["source"]));
    }

    [Fact]
    public void OnlyNamedPicturesAndNothingOfFormerValidationSets()
    {
        Pts("lfpw/testset/image_0001", 4);
        DatasetPreparation.Prepare("300w", _folder["source"], _folder["data"]);
        Directory.Delete(_folder["source"], recursive: true);
        Pts("helen/trainset/1_1", 4);
        Pts("helen/trainset/2_1", 3);
        Pts("helen/trainset/3_1", 2);
        File.WriteAllText(_folder["names.txt"], "helen_1_1.jpg\nhelen_2_1.jpg\n\n");
        var made = DatasetPreparation.Prepare(
            "300w", _folder["source"], _folder["data"], DatasetPreparation.ReadNames(_folder["names.txt"]));
        Assert.Equal([new PreparedFolder("real-train", 1, 1, 1, 0, 0)], made);
        Assert.Equal("helen_2_1.png", FaceFolder.Open(_folder["data", "real-train"]).Faces.Single().ImagePath);
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("tar.gz")]
    public void TheWflwFolders(string kind)
    {
        foreach (var (part, count) in (ReadOnlySpan<(string, int)>)[("train", 2), ("test", 1)])
        {
            var folder = _folder["source", "WFLW_annotations", "list_98pt_rect_attr_train_test"];
            Directory.CreateDirectory(folder);
            var lines = Enumerable.Range(0, count).Select(i =>
            {
                var picture = $"0--Parade/{part}_{i}.jpg";
                Picture($"WFLW_images/{picture}", i + count);
                return string.Join(' ', Enumerable.Range(0, 98).Select(n => $"{10 + n} {20 + (n * n % 90)}"))
                    + $" 10 20 107 110 0 1 0 0 0 0 {picture}";
            });
            File.WriteAllLines(Path.Combine(folder, $"list_98pt_rect_attr_{part}.txt"), lines);
        }
        var made = DatasetPreparation.Prepare("wflw", Packed(kind), _folder["data"]);
        Assert.Equal(
            [new("wflw-val", 1, 0, 0, 0, 0), new PreparedFolder("wflw-train", 2, 0, 0, 0, 0)], made);
        var train = FaceFolder.Open(_folder["data", "wflw-train"]);
        Assert.Equal((98, "expression"), (train.Scheme.Count, train.Faces[0].Style));
        Assert.All(train.Faces, f => Assert.True(File.Exists(train.ImagePath(f))));
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("zip")]
    public void TheCofwFolders(string kind)
    {
        Directory.CreateDirectory(_folder["source", "common"]);
        File.Copy(TestFiles.Cofw("plain.mat"), _folder["source", "common", "COFW_train_color.mat"]);
        File.Copy(TestFiles.Cofw("packed.mat"), _folder["source", "common", "COFW_test_color.mat"]);
        var made = DatasetPreparation.Prepare("cofw", Packed(kind), _folder["data"]);
        // Both miniatures have the same pictures: what is measured on is not trained on.
        Assert.Equal([new PreparedFolder("cofw-val", 3, 0, 0, 0, 0)], made);
        File.Delete(_folder["source", "common", "COFW_test_color.mat"]);
        made = DatasetPreparation.Prepare("cofw", _folder["source"], _folder["other"]);
        Assert.Equal([new PreparedFolder("cofw-train", 3, 0, 0, 0, 0)], made);
        Assert.Equal(31, Mdfld.Picture.Load(_folder["other", "cofw-train", "images", "000002.png"]).Width);
    }

    [Fact]
    public void MenpoAndCaricatures()
    {
        Pts("semifrontal/aflw__face_1", 0);
        Pts("test/aflw__face_2", 1);
        var made = DatasetPreparation.Prepare("menpo", _folder["source"], _folder["data"]);
        Assert.Equal([new("menpo-val", 1, 0, 0, 0, 0), new PreparedFolder("menpo-train", 1, 0, 0, 0, 0)], made);
        Samples.Write(AnnotationFormat.ByName("cariface"), _folder["caricatures"], copy: true);
        File.Delete(Samples.ImagePath(Samples.Faces[0]).Replace(Samples.Pictures, _folder["caricatures", "images"]));
        made = DatasetPreparation.Prepare("caricature", _folder["caricatures"], _folder["data"]);
        Assert.Equal([new PreparedFolder("caricature-faces-train", 5, 1, 0, 1, 0)], made);
    }

    /// <summary>As the authors' own loaders have them.</summary>
    [Fact]
    public void TheLayoutsOfMenpoCariFaceAndWu()
    {
        Pts("trainset/semifrontal/aflw__face_39822", 0);
        Pts("testset/semifrontal/aflw__face_41556", 1);
        var profile = Pts("trainset/profile/aflw__face_40000", 2);
        File.WriteAllText(
            Path.Combine(profile, "aflw__face_40000.pts"),
            $"version: 1\nn_points: 39\n{{\n{string.Concat(Enumerable.Repeat("1 2\n", 39))}}}\n");
        var made = DatasetPreparation.Prepare("menpo", Packed("zip"), _folder["data"]);
        Assert.Equal([new("menpo-val", 1, 0, 0, 0, 1), new PreparedFolder("menpo-train", 1, 0, 0, 0, 0)], made);

        Directory.Delete(_folder["source"], recursive: true);
        for (var i = 0; i < 3; i++)
        {
            Picture($"CariFace_dataset/images/0000{i}.png", i + 2);
            Directory.CreateDirectory(_folder["source", "CariFace_dataset", "landmarks"]);
            File.WriteAllBytes(
                _folder["source", "CariFace_dataset", "landmarks", $"0000{i}.png.npy"],
                FormatLayoutTests.Npy(
                    "<f8", false, "(68, 2)",
                    [.. Samples.Faces[i + 2].Landmarks.SelectMany(p => (double[])[p.X, p.Y])]));
        }
        File.WriteAllText(_folder["source", "CariFace_dataset", "train_list.txt"], "00000.png\n00001.png\n");
        File.WriteAllText(_folder["source", "CariFace_dataset", "test_list.txt"], "00002.png\n");
        made = DatasetPreparation.Prepare("caricature", _folder["source"], _folder["data"]);
        Assert.Equal(
            [
                new("caricature-faces-val", 1, 0, 0, 0, 0), new PreparedFolder("caricature-faces-train", 2, 0, 0, 0, 0),
            ],
            made);
        Assert.Equal(
            Samples.Faces[4].Landmarks,
            FaceFolder.Open(_folder["data", "caricature-faces-val"]).Faces.Single().Landmarks);

        Directory.Delete(_folder["source"], recursive: true);
        Picture("Caricature_w_landmark/1.png", 5);
        File.WriteAllText(
            _folder["source", "Caricature_w_landmark", "1.txt"],
            string.Concat(Samples.Faces[5].Landmarks.Select(p => FormattableString.Invariant($"{p.X} {p.Y}\n"))));
        Assert.Contains("is there already", Refusal("caricature", _folder["source"]));
        made = DatasetPreparation.Prepare("caricature", _folder["source"], _folder["data"], replace: true);
        Assert.Equal([new PreparedFolder("caricature-faces-train", 1, 0, 0, 0, 0)], made);
        Assert.Contains("which is made anew", Assert.Throws<InvalidDataException>(() => DatasetPreparation.Prepare(
            "caricature", _folder["data", "caricature-faces-train"], _folder["data"], replace: true)).Message);
    }

    [Fact]
    public void WhatIsNotThereOrLeadsOutIsSaid()
    {
        Directory.CreateDirectory(_folder["source"]);
        Assert.Contains("nothing of 300w in it; expected afw, helen/trainset, lfpw/trainset", Refusal("300w", _folder["source"]));
        Assert.Throws<FileNotFoundException>(() => DatasetPreparation.Prepare("300w", _folder["none"], _folder["data"]));
        using (var zip = ZipFile.Open(_folder["source", "a.zip"], ZipArchiveMode.Create))
        {
            using var entry = zip.CreateEntry("../../evil.pts").Open();
            entry.Write("x"u8);
        }
        Assert.Contains("a.zip: '../../evil.pts' leads out of it", Refusal("300w", _folder["source"]));
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "evil.pts", SearchOption.AllDirectories));
        File.Delete(_folder["source", "a.zip"]);
        using (var zip = ZipFile.Open(_folder["source", "b.zip"], ZipArchiveMode.Create))
        {
            using var entry = zip.CreateEntry("afw/bomb.txt").Open();
            for (var i = 0; i < 100; i++)
                entry.Write(new byte[1 << 20]);
        }
        Assert.Contains("b.zip: it unpacks to more than 50 times its size", Refusal("300w", _folder["source"]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["data"]));
        File.WriteAllText(_folder["source", "b.zip"], "no archive");
        Assert.Throws<InvalidDataException>(() => DatasetPreparation.Prepare("300w", _folder["source"], _folder["data"]));
    }

    private string Refusal(string name, string source) =>
        Assert.Throws<InvalidDataException>(() => DatasetPreparation.Prepare(name, source, _folder["data"])).Message;

    /// <summary>Points and picture of a sample; returns their folder.</summary>
    private string Pts(string name, int sample)
    {
        Picture(name + ".png", sample);
        var text = string.Concat(Samples.Faces[sample].Landmarks.Select(
            p => FormattableString.Invariant($"{p.X} {p.Y}\n")));
        File.WriteAllText(_folder["source", name + ".pts"], $"version: 1\nn_points:  68\n{{\n{text}}}\n");
        return Path.GetDirectoryName(_folder["source", name])!;
    }

    private void Picture(string name, int sample)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder["source", name])!);
        File.Copy(Samples.ImagePath(Samples.Faces[sample]), _folder["source", name], overwrite: true);
    }

    /// <summary>The folder, or an archive a sub-folder in another one, as these sets are downloaded.</summary>
    private string Packed(string kind)
    {
        if (kind == "folder")
            return _folder["source"];
        Directory.CreateDirectory(_folder["archives"]);
        foreach (var part in Directory.EnumerateDirectories(_folder["source"]))
        {
            var archive = _folder["archives", $"{Path.GetFileName(part)}.{kind}"];
            if (kind == "zip")
                ZipFile.CreateFromDirectory(part, archive, CompressionLevel.Fastest, includeBaseDirectory: true);
            else
            {
                using var file = File.Create(archive);
                using var packed = new GZipStream(file, CompressionLevel.Fastest);
                TarFile.CreateFromDirectory(part, packed, includeBaseDirectory: true);
            }
        }
        return _folder["archives"];
    }
}

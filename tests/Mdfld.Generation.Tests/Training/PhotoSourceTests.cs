using System.Numerics;
using Mdfld.Generation;
using Mdfld.Generation.Dataset;

namespace Mdfld.Tests.Generation.Training;

/// <summary>Photos that pictures are learnt to be painted from.</summary>
public sealed class PhotoSourceTests : IDisposable
{
    private const int Seed = 5;
    private const int Size = 64;

    private static readonly StyleBook Book = StyleBook.Default();
    private static readonly Style Pencil = Book.Styles.Single(s => s.Id == "pencil");
    private static readonly FaceFraming Framing = new(Size, 1.5f, 0);

    private readonly TemporaryFolder _folder = new();
    private readonly string _photos = Path.Combine(TestFiles.RepositoryRoot, "samples");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ARedrawnFaceGivesThePhotoItWasMadeOf()
    {
        var varied = WriteSet(_photos);
        var face = Open(_photos);

        var photos = face.Photo!.Of(face, Framing, Variants(face))!;

        Assert.Equal(2, photos.Length);
        var photo = new Picture(DatasetSettings.PictureSize, DatasetSettings.PictureSize);
        StylizeEngine.Warp(varied, photo);
        Assert.Equal(
            Framing.Cut(photo, face.Face, face.Index, 1).Picture.Data.ToArray(), photos[1].Photo.Data.ToArray());
        Assert.NotEqual(Variants(face)[0].Picture.Data.ToArray(), photos[0].Photo.Data.ToArray());
    }

    [Fact]
    public void APhotoThatIsWarpedInAnotherWayIsNoneAfterAll()
    {
        WriteSet(_photos);
        var face = Open(_photos);
        Vector2[] moved = [.. face.Face.Landmarks.Select(p => p + new Vector2(2, 0))];

        Assert.Null(face.Photo!.Of(
            face with { Face = LabelledFace.FromLandmarks(face.Face.ImagePath, moved) }, Framing, Variants(face)));
    }

    [Fact]
    public void PhotosOfAnotherSetAreRefused()
    {
        WriteSet(_photos);
        // The same faces without the last.
        Directory.CreateDirectory(_folder["others", "images"]);
        MetadataFile.Write(_folder["others", "annotations.tsv"], FaceFolder.Open(_photos).Faces.SkipLast(1));
        Assert.Contains("was not made of", Assert.Throws<InvalidDataException>(() => Open(_folder["others"])).Message);

        File.Delete(_folder["set", SampleWriter.Settings]);
        Assert.Contains(SampleWriter.Settings, Assert.Throws<InvalidDataException>(() => Open(_photos)).Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AReflectionOfTheFaceIsSeen(bool nearEdge)
    {
        // Of the photo either all round the face, or nothing beyond the eye on its left.
        var source = FaceFolder.Open(_photos).Faces[0];
        var picture = Picture.Load(Path.Combine(_photos, "images", source.ImagePath));
        var left = nearEdge ? (int)source.Landmarks[17].X - 4 : 0;
        var cut = new Picture(picture.Width - left, picture.Height);
        picture.WarpInto(Homography.Translation(-left, 0), cut);
        Directory.CreateDirectory(_folder["photos", "images"]);
        cut.Save(_folder["photos", "images", "face.png"]);
        MetadataFile.Write(_folder["photos", "annotations.tsv"], [LabelledFace.FromLandmarks(
            "face.png", [.. source.Landmarks.Select(p => p - new Vector2(left, 0))])]);
        WriteSet(_folder["photos"]);
        var face = Open(_folder["photos"]);

        Assert.Equal(nearEdge, face.Photo!.Of(face, Framing, Variants(face))![0].HasSecondFace);
    }

    [Fact]
    public void APictureOfItsOwnIsMovedAndRecoloured()
    {
        WriteSet(_photos);
        var face = Open("self");
        var variants = Variants(face);

        var photos = face.Photo!.Of(face, Framing, variants)!;

        Assert.All(photos.Zip(variants), p =>
        {
            Assert.False(p.First.HasSecondFace);
            Assert.NotEqual(p.Second.Picture.Data.ToArray(), p.First.Photo.Data.ToArray());
        });
        Assert.Equal(photos[0].Photo.Data.ToArray(), face.Photo.Of(face, Framing, variants)![0].Photo.Data.ToArray());
    }

    private static FaceVariant[] Variants(GeneratorFace face) =>
        Framing.CutAll(Picture.Load(face.Picture), face.Face, face.Index, 2);

    /// <summary>What <c>mdfld generate --engine stylize</c> writes of one pencil face of these photos.</summary>
    private VariedFace WriteSet(string photos)
    {
        var pool = LandmarkPool.Read([photos]);
        var random = new Random(Seed);
        var varied = new LandmarkVariation(pool, DatasetSettings.PictureSize).Draw(Pencil, random);
        using var engine = new StylizeEngine(DatasetSettings.PictureSize);
        var made = engine.Make(new FaceRequest(Pencil, "", varied, random.Next()));
        Directory.CreateDirectory(_folder["set", "images", "pencil"]);
        made.Picture.Save(_folder["set", "images", "pencil", "00000.png"]);
        MetadataFile.Write(
            _folder["set", "annotations.tsv"],
            [LabelledFace.FromLandmarks("pencil/00000.png", made.Landmarks, "pencil")]);
        File.WriteAllText(_folder["set", SampleWriter.Records], new SampleRecord
        {
            Style = "pencil",
            Index = 0,
            Picture = "pencil/00000.png",
            Sha256 = "",
            Attempt = 0,
            Seed = Seed,
            Prompt = "",
            Engine = "stylize",
            Source = "",
            Checks = [new CheckResult(1, 12, null, 0, 0)],
            Landmarks = [.. made.Landmarks.SelectMany(p => (float[])[p.X, p.Y])],
        }.Line());
        File.WriteAllText(_folder["set", SampleWriter.Settings], new DatasetSettings
        {
            Engine = "stylize",
            Seed = 1,
            StylesSha256 = "",
            Landmarks = pool.Count,
            LandmarksSha256 = pool.Hash,
            Check = "nme",
            CheckModel = "",
            CheckThreshold = 12,
            Attempts = 1,
        }.Text());
        return varied;
    }

    private GeneratorFace Open(string photo) => GeneratorFaces.Open(
        [new() { Name = "set", Photo = photo == "self" ? photo : Path.GetFullPath(photo) }], [_folder.Path], Book).Single();
}

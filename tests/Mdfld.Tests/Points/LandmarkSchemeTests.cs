using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json;
using FsCheck.Xunit;

namespace Mdfld.Tests.Points;

public class LandmarkSchemeTests
{
    public static TheoryData<string> Names { get; } = ["300W", "300VW", "WFLW", "COFW"];

    [Theory]
    [MemberData(nameof(Names))]
    public void AgreesWithTheReference(string name)
    {
        using var golden = JsonDocument.Parse(File.ReadAllText(TestFiles.Golden("schemes.json")));
        var expected = golden.RootElement.GetProperty(name);
        var scheme = LandmarkScheme.ByName(name);

        Assert.Equal(name, scheme.Name);
        Assert.Equal(expected.GetProperty("points").GetInt32(), scheme.Count);
        Assert.Equal(
            expected.GetProperty("edge_info").EnumerateArray()
                .Select(e => (e.GetProperty("closed").GetBoolean(), Text(Integers(e.GetProperty("indices"))))),
            scheme.Contours.Select(e => (e.IsClosed, Text(e.Indices))));
        Assert.Equal(Integers(expected.GetProperty("flip_permutation")), scheme.MirrorPermutation);
        Assert.Equal(expected.GetProperty("flip_offset").GetInt32(), scheme.MirrorOffset);
        Assert.Equal(expected.GetProperty("fr_auc_threshold").GetDouble(), scheme.ReferenceThreshold);

        var nme = expected.GetProperty("nme_index");
        (string, ImmutableArray<LandmarkPart>)[] pairs =
            [("default", scheme.ReferencePair), ("ocular", scheme.OuterEyeCorners), ("pupil", scheme.Pupils)];
        foreach (var (key, pair) in pairs)
        {
            Assert.Equal(Integers(nme.GetProperty(key).GetProperty("left")), pair[0].Indices);
            Assert.Equal(Integers(nme.GetProperty(key).GetProperty("right")), pair[1].Indices);
        }

        var uses = scheme.Contours.SelectMany(e => e.Indices).CountBy(i => i).ToDictionary();
        Assert.Equal(
            Integers(expected.GetProperty("points_without_edge")),
            Enumerable.Range(0, scheme.Count).Where(i => !uses.ContainsKey(i)));
        Assert.Equal(
            Integers(expected.GetProperty("points_in_several_edges")),
            uses.Where(u => u.Value > 1).Select(u => u.Key).Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void GroupsHoldEveryPointOnce(string name)
    {
        var scheme = LandmarkScheme.ByName(name);
        Assert.Equal(["jaw", "brows", "nose", "eyes", "mouth"], scheme.Groups.Select(g => g.Name));
        Assert.Equal(Enumerable.Range(0, scheme.Count), scheme.Groups.SelectMany(g => g.Indices).Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AMirrorKeepsGroups(string name)
    {
        var scheme = LandmarkScheme.ByName(name);
        foreach (var group in scheme.Groups)
            Assert.Equal(group.Indices.Order(), group.Indices.Select(i => scheme.MirrorPermutation[i]).Order());
    }

    [Property]
    public bool TwoMirrorsChangeNothing(int seed, byte which)
    {
        var scheme = LandmarkScheme.ByName(((string[])["300W", "300VW", "WFLW", "COFW"])[which % 4]);
        var random = new Random(seed);
        // Whole pixels, so that 250 - x is exact.
        var face = Enumerable.Range(0, scheme.Count)
            .Select(_ => new Vector2(random.Next(250), random.Next(250))).ToArray();
        return face.SequenceEqual(scheme.Mirror(scheme.Mirror(face, 250), 250));
    }

    [Fact]
    public void AMirrorExchangesTheEyesOfTheFivePoints()
    {
        var random = new Random(3);
        var face = Enumerable.Range(0, 68).Select(_ => new Vector2(random.Next(100), random.Next(100))).ToArray();
        var five = LandmarkScheme.Ibug68.FivePoints(face);
        var mirrored = LandmarkScheme.Ibug68.FivePoints(LandmarkScheme.Ibug68.Mirror(face, 100));
        Assert.Equal(five[0], new Vector2(99 - mirrored[1].X, mirrored[1].Y));
        Assert.Equal(five[3], new Vector2(99 - mirrored[4].X, mirrored[4].Y));
    }

    [Fact]
    public void UnknownSchemesAreNamed()
    {
        Assert.Contains("67 points", Assert.Throws<ArgumentException>(() => LandmarkScheme.ForCount(67)).Message);
        Assert.Contains("'AFLW'", Assert.Throws<ArgumentException>(() => LandmarkScheme.ByName("AFLW")).Message);
        Assert.Contains(
            "not 3", Assert.Throws<ArgumentException>(() => LandmarkScheme.Cofw29.FivePoints(new Vector2[3])).Message);
        Assert.Same(LandmarkScheme.Wflw98, LandmarkScheme.ForCount(98));
    }

    private static int[] Integers(JsonElement e) =>
        e.ValueKind == JsonValueKind.Array ? [.. e.EnumerateArray().Select(v => v.GetInt32())] : [e.GetInt32()];

    private static string Text(IEnumerable<int> values) => string.Join(",", values);
}

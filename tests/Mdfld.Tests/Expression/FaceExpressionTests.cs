using System.Numerics;
using Mdfld.Tests.Pose;
using Xunit.Abstractions;

namespace Mdfld.Tests.Expression;

/// <summary>Eyes and mouths of drawn faces of every look, open and shut; what is not known is absent.</summary>
public sealed class FaceExpressionTests(ITestOutputHelper output)
{
    private const int Seeds = 4;

    public static TheoryData<DrawingStyle> Styles => [.. Enum.GetValues<DrawingStyle>()];

    [Theory]
    [MemberData(nameof(Styles))]
    public void OpenAndShutAreToldApart(DrawingStyle style)
    {
        var (eyesOpen, eyesShut) = (Values(new DrawnMovement(Eyes: 1), Blink), Values(new DrawnMovement(Eyes: 0), Blink));
        var (mouthShut, mouthOpen) = (Values(new DrawnMovement(Mouth: 0), Jaw), Values(new DrawnMovement(Mouth: 1), Jaw));
        output.WriteLine(
            $"blink {Text(eyesOpen)} open, {Text(eyesShut)} shut; jaw {Text(mouthShut)} shut, {Text(mouthOpen)} open");
        Assert.True(eyesOpen.Max() + 0.5f < eyesShut.Min());
        Assert.True(mouthShut.Max() + 0.25f < mouthOpen.Min());

        float[] Values(DrawnMovement movement, Func<FaceExpression, float> value) =>
            [.. Drawn(style, movement).Select(d => value(Of(d.Landmarks)))];
    }

    /// <summary>
    /// What the detector finds in drawings tells most of them: it takes some drawn lids that are shut, a mere line, for
    /// open ones.
    /// </summary>
    [Fact]
    public void TheDetectorsPointsTellMostOfThem()
    {
        using var detector = LandmarkDetector.Create();
        var (right, all) = (0, 0);
        foreach (var style in Enum.GetValues<DrawingStyle>())
        {
            (int Right, int All)[] counts =
            [
                Count(new DrawnMovement(Eyes: 1), e => Blink(e) < 0.25f), Count(new DrawnMovement(Eyes: 0), e => Blink(e) > 0.25f),
                Count(new DrawnMovement(Mouth: 0), e => Jaw(e) < 0.15f), Count(new DrawnMovement(Mouth: 1), e => Jaw(e) > 0.15f),
            ];
            output.WriteLine($"{style}: eyes open, shut, mouth shut, open: {string.Join(", ", counts.Select(c => $"{c.Right} of {c.All}"))}");
            (right, all) = (right + counts.Sum(c => c.Right), all + counts.Sum(c => c.All));

            (int, int) Count(DrawnMovement movement, Func<FaceExpression, bool> isRight)
            {
                var faces = Drawn(style, movement).Select(d =>
                    Of([.. detector.Detect(d.Picture, FaceBox.Around(d.Landmarks)).Points])).ToArray();
                return (faces.Count(isRight), faces.Length);
            }
        }
        output.WriteLine($"{right} of {all}");
        Assert.InRange(right / (double)all, 0.85, 1);
    }

    /// <summary>
    /// Irises of drawn eyes that look to either side are found where they are, by the detector's points, too; those of some
    /// looks seldom: an anime's fills its eye.
    /// </summary>
    [Fact]
    public void TheGazeIsThatOfTheDrawing()
    {
        using var detector = LandmarkDetector.Create();
        var (seen, all, errors) = (0, 0, new List<float>());
        foreach (var style in Enum.GetValues<DrawingStyle>())
        {
            var (before, allBefore) = (seen, all);
            var own = new List<float>();
            for (var seed = 0; seed < Seeds; seed++)
            {
                foreach (var x in (float[])[-0.2f, -0.1f, 0, 0.1f, 0.2f])
                {
                    var drawn = DrawnFaces.Draw(new Random(100 + seed), 256, style, new DrawnMovement(Gaze: new(x, 0)));
                    var face = detector.Detect(drawn.Picture, FaceBox.Around(drawn.Landmarks));
                    foreach (var (eye, iris) in ((int, Vector2?)[])[(36, face.RightIris), (42, face.LeftIris)])
                    {
                        all++;
                        if (FaceMeasures.Gaze(face.Points.AsSpan().Slice(eye, 6), iris) is not { } gaze)
                            continue;
                        seen++;
                        own.Add(MathF.Abs(gaze.X - x));
                    }
                }
            }
            errors.AddRange(own);
            output.WriteLine(
                $"{style}: {seen - before} of {all - allBefore} seen, {own.DefaultIfEmpty().Average():0.00} of an eye's width off");
        }
        output.WriteLine($"{seen} of {all} seen, {errors.Average():0.000} off");
        Assert.InRange(seen, 0.4 * all, all);
        Assert.InRange(errors.Average(), 0, 0.06);
    }

    /// <summary>Shut lids and eyes that are dots have no iris.</summary>
    [Fact]
    public void WhereThereIsNoIrisNoneIsSeen()
    {
        foreach (var style in Enum.GetValues<DrawingStyle>())
        {
            foreach (var drawn in Drawn(style, new DrawnMovement(Eyes: 0)))
                Assert.Equal((null, null), IrisSearch.Find(drawn.Picture, drawn.Landmarks));
        }
        var plain = new Picture(300, 300);
        plain.Draw(canvas => canvas.Clear(new(200, 180, 160)));
        var head = Heads.Seen(HeadPose.MeanHead, 0, 0, 0, 60, new(150, 120));
        Assert.Equal((null, null), IrisSearch.Find(plain, head));
        // Three pixels show none.
        var tiny = DrawnFaces.Draw(new Random(101), 32, DrawingStyle.Comic, new DrawnMovement());
        Assert.Equal((null, null), IrisSearch.Find(tiny.Picture, tiny.Landmarks));
    }

    private static DrawnFace[] Drawn(DrawingStyle style, DrawnMovement movement) =>
        [.. Enumerable.Range(0, Seeds).Select(seed => DrawnFaces.Draw(new Random(100 + seed), 256, style, movement))];

    private static FaceExpression Of(Vector2[] points) => FaceExpression.Of(points, HeadPose.Of(points)!);

    private static float Blink(FaceExpression e) => (e.BlendShapes["eyeBlinkLeft"] + e.BlendShapes["eyeBlinkRight"]) / 2;

    private static float Jaw(FaceExpression e) => e.BlendShapes["jawOpen"];

    private static string Text(float[] values) => $"{values.Min():0.00} to {values.Max():0.00}";

    [Fact]
    public void WhatIsNotKnownIsAbsent()
    {
        var front = Of(HeadPose.MeanHead.ToArray(), 0);
        Assert.Equal(
            ["eyeBlinkLeft", "eyeBlinkRight", "jawOpen", "mouthFrownLeft", "mouthFrownRight", "mouthSmileLeft", "mouthSmileRight"],
            front.BlendShapes.Keys);
        Assert.All(front.BlendShapes.Values, v => Assert.InRange(v, 0, 0.05f));
        // Turned to the right of the picture the subject's left eye is the far one.
        var turned = Of(HeadPose.MeanHead.ToArray(), 50);
        Assert.DoesNotContain("eyeBlinkLeft", turned.BlendShapes.Keys);
        Assert.Contains("eyeBlinkRight", turned.BlendShapes.Keys);
        Assert.Empty(Of(HeadPose.MeanHead.ToArray(), 85).BlendShapes);
    }

    /// <summary>Whatever the pose, the same expression has the same values.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(25)]
    [InlineData(-30)]
    public void BrowsAndMouthCountFromTheNeutralFace(float yaw)
    {
        var neutral = FaceExpression.Neutral([Of(HeadPose.MeanHead.ToArray(), yaw)]);
        var raised = HeadPose.MeanHead.ToArray();
        for (var i = 17; i < 27; i++)
            raised[i].Y -= 0.15f;
        var pursed = HeadPose.MeanHead.ToArray();
        for (var i = 48; i < 68; i++)
            pursed[i].X *= 0.65f;
        var frowning = HeadPose.MeanHead.ToArray();
        for (var i = 17; i < 27; i++)
            frowning[i].Y += 0.1f;

        Assert.All((string[])["browInnerUp", "browOuterUpLeft", "browOuterUpRight"], n => Assert.InRange(Value(raised, n), 0.45f, 1));
        Assert.All((string[])["browDownLeft", "browDownRight"], n => Assert.InRange(Value(frowning, n), 0.4f, 1));
        Assert.InRange(Value(raised, "browDownLeft"), 0, 0.05f);
        Assert.InRange(Value(pursed, "mouthPucker"), 0.4f, 1);
        Assert.InRange(Value(raised, "mouthPucker"), 0, 0.1f);

        float Value(Vector3[] head, string name) => Of(head, yaw, neutral).BlendShapes[name];
    }

    private static FaceExpression Of(Vector3[] head, float yaw, FaceExpression? neutral = null)
    {
        var seen = Heads.Seen(head, yaw, 5, 10, 60, new(200, 200));
        return FaceExpression.Of(seen, HeadPose.Of(seen)!, neutral);
    }

    [Fact]
    public void CurvesRunThroughTheirPoints()
    {
        Vector2[] lid = [new(0, 0), new(3, -4), new(10, -4.5f), new(14, 0)];
        var bezier = FaceCurves.Bezier(lid);
        Assert.Equal(lid[1..], bezier.Select(s => s.To));
        // Smooth: a point's two handles and the point are on one line.
        for (var i = 0; i + 1 < bezier.Length; i++)
        {
            var (before, after) = (bezier[i].To - bezier[i].Arrive, bezier[i + 1].Leave - bezier[i].To);
            Assert.Equal(0, Vector2.Cross(Vector2.Normalize(before), Vector2.Normalize(after)), 1e-4f);
        }
    }

    [Fact]
    public void EveryLidLipAndBrowOfAFaceIsACurve()
    {
        var seen = Heads.Seen([.. HeadPose.MeanHead], 10, 5, 0, 60, new(200, 200));
        var face = new Landmarks(LandmarkScheme.Ibug68, [.. seen], new FaceCrop(new(200, 200), 300));
        Assert.Equal(13, face.CurveNames.Count);
        var lid = face.Curve("leftUpperLid");
        Assert.Equal(10, lid.Length);
        Assert.Equal([seen[42], seen[43], seen[44], seen[45]], [lid[0], lid[3], lid[6], lid[9]]);
        // Of the eye's height at most: the handles lie above the corners, not beyond the lid.
        Assert.All(lid, p => Assert.InRange(p.Y, MathF.Min(seen[43].Y, seen[44].Y) - 2, MathF.Max(seen[42].Y, seen[45].Y) + 0.01f));
        Assert.Contains("leftUpperLid", Assert.Throws<InvalidOperationException>(() => face.Curve("lid")).Message);
    }
}

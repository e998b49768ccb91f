using Mdfld.Training;

namespace Mdfld.Tests.Finder;

public sealed class LossTests
{
    [Fact]
    public void TheLossOfTwoCellsIsAsComputedByHand()
    {
        // Left a face, right none; the network says 0.5 and 0.25 and is wrong in every box number by 0.1, points by
        // 0.2.
        var map = new float[FinderNetwork.Outputs * 2];
        var target = new float[FinderTargetChannels.Count * 2];
        (map[0], map[1]) = (0, MathF.Log(0.25f / 0.75f));
        target[2 * FinderTargetChannels.Positive] = 1;
        target[(2 * FinderTargetChannels.NegativeWeight) + 1] = 0.5f;
        target[2 * FinderTargetChannels.PositionWeight] = 0.4f;
        target[2 * FinderTargetChannels.SizeWeight] = 1;
        target[2 * FinderTargetChannels.PointWeight] = 0.4f;
        for (var i = 0; i < 14; i++)
        {
            target[2 * (FinderTargetChannels.Box + i)] = 0.3f;
            map[2 * (1 + i)] = i < 4 ? 0.4f : 0.5f;
            // What the network says of a cell without a face counts nothing.
            map[(2 * (1 + i)) + 1] = 7;
        }
        using var scope = NewDisposeScope();
        var loss = new FinderLoss { BoxWeight = 2, PointWeight = 3 }.Forward(
            [Tensor.From<float>(map, 1, FinderNetwork.Outputs, 1, 2)],
            [Tensor.From<float>(target, 1, FinderTargetChannels.Count, 1, 2)]).ToDouble();

        var score = ((0.25 * -Math.Log(0.5)) + (0.0625 * -Math.Log(0.75) * 0.5)) / (1 + 1);
        var box = ((2 * 0.1 * 0.4) + (2 * 0.1)) / (4 + 1) * 2;
        var points = 10 * 0.2 * 0.4 / (10 + 1) * 3;
        Assert.Equal(score + box + points, loss, 1e-5);
    }

    [Fact]
    public void NoFaceAndAHopelesslyWrongScoreGiveFiniteGradients()
    {
        using var scope = NewDisposeScope();
        var map = full([1, FinderNetwork.Outputs, 2, 2], 200f);
        map.requires_grad = true;
        var target = new float[FinderTargetChannels.Count * 4];
        target.AsSpan(4 * FinderTargetChannels.NegativeWeight, 4).Fill(1);
        var loss = new FinderLoss().Forward([map], [Tensor.From<float>(target, 1, FinderTargetChannels.Count, 2, 2)]);
        loss.backward();

        Assert.Equal(4 * 200, loss.ToDouble(), 1e-2);
        Assert.True(map.grad!.isfinite().all().ToBoolean());
    }
}

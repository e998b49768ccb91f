using System.Collections.Immutable;

namespace Mdfld;

public sealed partial class LandmarkScheme
{
    private static readonly ImmutableArray<LandmarkEdge> IbugEdges =
    [
        Open(0, 17), Open(17, 5), Open(22, 5), Open(27, 4), Open(31, 5),
        Closed(36, 6), Closed(42, 6), Closed(48, 12), Closed(60, 8),
    ];

    private static readonly ImmutableArray<LandmarkGroup> IbugGroups =
    [
        new("jaw", Run(0, 17)), new("brows", Run(17, 10)), new("nose", Run(27, 9)),
        new("eyes", Run(36, 12)), new("mouth", Run(48, 20)),
    ];

    private static readonly int[][] IbugFlips =
    [
        [0, 16], [1, 15], [2, 14], [3, 13], [4, 12], [5, 11], [6, 10], [7, 9],
        [17, 26], [18, 25], [19, 24], [20, 23], [21, 22],
        [31, 35], [32, 34],
        [36, 45], [37, 44], [38, 43], [39, 42], [40, 47], [41, 46],
        [48, 54], [49, 53], [50, 52], [55, 59], [56, 58], [60, 64], [61, 63], [65, 67],
    ];

    /// <summary>Where each of the 68 points is among WFLW's 98.</summary>
    private static readonly ImmutableArray<int> IbugInWflw =
    [
        .. Enumerable.Range(0, 17).Select(i => 2 * i), .. Run(33, 5), .. Run(42, 5), .. Run(51, 9),
        60, 61, 63, 64, 65, 67, 68, 69, 71, 72, 73, 75, .. Run(76, 20),
    ];

    /// <summary>The 68 points of iBUG (300-W).</summary>
    public static LandmarkScheme Ibug68 { get; } = Ibug("300W", 0.05);

    /// <summary>The same 68 points; STAR counts failures of 300-VW from 10 % on instead of 5 %.</summary>
    public static LandmarkScheme Ibug68Video { get; } = Ibug("300VW", 0.1);

    /// <summary>The 98 points of WFLW.</summary>
    public static LandmarkScheme Wflw98 { get; } = new(
        "WFLW",
        98,
        [
            Open(0, 33), Closed(33, 9), Closed(42, 9), Open(51, 4), Open(55, 5),
            Closed(60, 8), Closed(68, 8), Closed(76, 12), Closed(88, 8),
        ],
        [
            new("jaw", Run(0, 33)), new("brows", Run(33, 18)), new("nose", Run(51, 9)),
            new("eyes", [.. Run(60, 16), 96, 97]), new("mouth", Run(76, 20)),
        ],
        [
            [0, 32], [1, 31], [2, 30], [3, 29], [4, 28], [5, 27], [6, 26], [7, 25],
            [8, 24], [9, 23], [10, 22], [11, 21], [12, 20], [13, 19], [14, 18], [15, 17],
            [33, 46], [34, 45], [35, 44], [36, 43], [37, 42], [38, 50], [39, 49], [40, 48], [41, 47],
            [55, 59], [56, 58],
            [60, 72], [61, 71], [62, 70], [63, 69], [64, 68], [65, 75], [66, 74], [67, 73],
            [76, 82], [77, 81], [78, 80], [83, 87], [84, 86], [88, 92], [89, 91], [93, 95],
            [96, 97],
        ],
        flipOffset: -1,
        ocular: new([60], [72]),
        pupil: new([96], [97]),
        byDefault: new([60], [72]),
        referenceThreshold: 0.1);

    /// <summary>
    /// The 29 points of COFW. The right eye's contour is open where the left one's is closed: so it is in STAR, and its
    /// networks have learnt it.
    /// </summary>
    public static LandmarkScheme Cofw29 { get; } = new(
        "COFW",
        29,
        [
            new(true, [0, 4, 2, 5]), new(true, [1, 6, 3, 7]), new(true, [8, 12, 10, 13]), new(false, [9, 14, 11, 15]),
            new(true, [18, 20, 19, 21]), new(true, [22, 26, 23, 27]), new(true, [22, 24, 23, 25]),
        ],
        [
            new("jaw", [28]), new("brows", Run(0, 8)), new("nose", Run(18, 4)),
            new("eyes", Run(8, 10)), new("mouth", Run(22, 6)),
        ],
        [
            [0, 1], [2, 3], [4, 6], [5, 7], [8, 9], [10, 11], [12, 14], [13, 15], [16, 17], [18, 19], [22, 23],
        ],
        flipOffset: 0,
        ocular: new([8], [9]),
        pupil: new([16], [17]),
        byDefault: new([16], [17]),
        referenceThreshold: 0.1);

    private static LandmarkScheme Ibug(string name, double referenceThreshold) => new(
        name,
        68,
        IbugEdges,
        IbugGroups,
        IbugFlips,
        flipOffset: -1,
        ocular: new([36], [45]),
        pupil: new(Run(36, 6), Run(42, 6)),
        byDefault: new([36], [45]),
        referenceThreshold);

    private static LandmarkEdge Open(int first, int count) => new(false, Run(first, count));

    private static LandmarkEdge Closed(int first, int count) => new(true, Run(first, count));

    private static ImmutableArray<int> Run(int first, int count) => [.. Enumerable.Range(first, count)];
}

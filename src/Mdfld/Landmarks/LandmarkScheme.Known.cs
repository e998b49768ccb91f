using System.Collections.Immutable;

namespace Mdfld;

public sealed partial class LandmarkScheme
{
    private static readonly ImmutableArray<LandmarkPart> IbugContours =
    [
        Open("jaw", 0, 17), Open("right brow", 17, 5), Open("left brow", 22, 5), Open("nose bridge", 27, 4),
        Open("nose tip", 31, 5), Closed("right eye", 36, 6), Closed("left eye", 42, 6), Closed("outer lips", 48, 12),
        Closed("inner lips", 60, 8),
    ];

    private static readonly ImmutableArray<LandmarkPart> IbugGroups =
    [
        new("jaw", Run(0, 17)), new("brows", Run(17, 10)), new("nose", Run(27, 9)),
        new("eyes", Run(36, 12)), new("mouth", Run(48, 20)),
    ];

    private static readonly (int, int)[] IbugMirror =
    [
        (0, 16), (1, 15), (2, 14), (3, 13), (4, 12), (5, 11), (6, 10), (7, 9),
        (17, 26), (18, 25), (19, 24), (20, 23), (21, 22),
        (31, 35), (32, 34),
        (36, 45), (37, 44), (38, 43), (39, 42), (40, 47), (41, 46),
        (48, 54), (49, 53), (50, 52), (55, 59), (56, 58), (60, 64), (61, 63), (65, 67),
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
            Open("jaw", 0, 33), Closed("right brow", 33, 9), Closed("left brow", 42, 9), Open("nose bridge", 51, 4),
            Open("nose tip", 55, 5), Closed("right eye", 60, 8), Closed("left eye", 68, 8),
            Closed("outer lips", 76, 12), Closed("inner lips", 88, 8),
        ],
        [
            new("jaw", Run(0, 33)), new("brows", Run(33, 18)), new("nose", Run(51, 9)),
            new("eyes", [.. Run(60, 16), 96, 97]), new("mouth", Run(76, 20)),
        ],
        [
            (0, 32), (1, 31), (2, 30), (3, 29), (4, 28), (5, 27), (6, 26), (7, 25),
            (8, 24), (9, 23), (10, 22), (11, 21), (12, 20), (13, 19), (14, 18), (15, 17),
            (33, 46), (34, 45), (35, 44), (36, 43), (37, 42), (38, 50), (39, 49), (40, 48), (41, 47),
            (55, 59), (56, 58),
            (60, 72), (61, 71), (62, 70), (63, 69), (64, 68), (65, 75), (66, 74), (67, 73),
            (76, 82), (77, 81), (78, 80), (83, 87), (84, 86), (88, 92), (89, 91), (93, 95),
            (96, 97),
        ],
        Pair([60], [72]),
        Five([96], [97], [54], [76], [82]))
    {
        Pupils = Pair([96], [97]),
    };

    /// <summary>
    /// The 29 points of COFW. The right eye's contour is open where the left one's is closed: so it is in STAR, and its
    /// networks have learnt it.
    /// </summary>
    public static LandmarkScheme Cofw29 { get; } = new(
        "COFW",
        29,
        [
            new("right brow", [0, 4, 2, 5], true), new("left brow", [1, 6, 3, 7], true),
            new("right eye", [8, 12, 10, 13], true), new("left eye", [9, 14, 11, 15]),
            new("nose tip", [18, 20, 19, 21], true), new("outer lips", [22, 26, 23, 27], true),
            new("inner lips", [22, 24, 23, 25], true),
        ],
        [
            new("jaw", [28]), new("brows", Run(0, 8)), new("nose", Run(18, 4)),
            new("eyes", Run(8, 10)), new("mouth", Run(22, 6)),
        ],
        [
            (0, 1), (2, 3), (4, 6), (5, 7), (8, 9), (10, 11), (12, 14), (13, 15), (16, 17), (18, 19), (22, 23),
        ],
        Pair([8], [9]),
        Five([16], [17], [20], [22], [23]))
    {
        MirrorOffset = 0,
        Pupils = Pair([16], [17]),
        ReferencePair = Pair([16], [17]),
    };

    private static LandmarkScheme Ibug(string name, double referenceThreshold) => new(
        name, 68, IbugContours, IbugGroups, IbugMirror, Pair([36], [45]),
        Five([36, 39], [42, 45], [33, 35], [48], [54]))
    {
        Pupils = Pair(Run(36, 6), Run(42, 6)),
        ReferenceThreshold = referenceThreshold,
    };

    private static LandmarkPart Open(string name, int first, int count) => new(name, Run(first, count));

    private static LandmarkPart Closed(string name, int first, int count) => new(name, Run(first, count), true);

    private static ImmutableArray<LandmarkPart> Pair(ImmutableArray<int> right, ImmutableArray<int> left) =>
        [new("right", right), new("left", left)];

    private static ImmutableArray<LandmarkPart> Five(params ReadOnlySpan<ImmutableArray<int>> points) =>
    [
        new("right eye", points[0]), new("left eye", points[1]), new("nose", points[2]),
        new("right mouth corner", points[3]), new("left mouth corner", points[4]),
    ];

    private static ImmutableArray<int> Run(int first, int count) => [.. Enumerable.Range(first, count)];
}

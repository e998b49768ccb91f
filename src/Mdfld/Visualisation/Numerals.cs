using System.Globalization;
using System.Numerics;

namespace Mdfld;

/// <summary>Whole numbers as lines. A digit is 4 wide and 6 high before it is scaled.</summary>
internal static class Numerals
{
    private const float DigitWidth = 4;
    private const float DigitHeight = 6;
    private const float Advance = 6;

    /// <summary>The lines of a number's digits.</summary>
    /// <param name="number">At least 0.</param>
    /// <param name="topLeft">Of the first digit.</param>
    /// <param name="height">Of a digit, pixels.</param>
    public static IEnumerable<Vector2[]> Strokes(int number, Vector2 topLeft, float height)
    {
        var scale = height / DigitHeight;
        foreach (var digit in number.ToString(CultureInfo.InvariantCulture))
        {
            foreach (var stroke in Digit(digit - '0'))
                yield return Array.ConvertAll(stroke, p => topLeft + (scale * p));
            topLeft.X += Advance * scale;
        }
    }

    private static Vector2[][] Digit(int digit) => digit switch
    {
        0 => [Round(2, 0, 3.6f, 1.1f, 4, 3, 3.6f, 4.9f, 2, 6, 0.4f, 4.9f, 0, 3, 0.4f, 1.1f, 2, 0)],
        1 => [Straight(0.8f, 1.4f, 2.4f, 0, 2.4f, 6)],
        2 =>
        [
            Round(0.2f, 1.6f, 0.7f, 0.4f, 2, 0, 3.4f, 0.4f, 3.8f, 1.7f, 3, 3.3f, 1.6f, 4.6f, 0, 6),
            Straight(0, 6, 4, 6),
        ],
        3 =>
        [
            Round(0.2f, 1, 1, 0.2f, 2, 0, 3.3f, 0.4f, 3.7f, 1.5f, 3, 2.6f, 1.5f, 2.9f),
            Round(1.5f, 2.9f, 3.2f, 3.2f, 4, 4.4f, 3.4f, 5.6f, 2, 6, 0.8f, 5.8f, 0, 5),
        ],
        4 => [Straight(3, 6, 3, 0, 0, 4.2f, 4, 4.2f)],
        5 =>
        [
            Straight(3.7f, 0, 0.7f, 0, 0.4f, 2.8f),
            Round(0.4f, 2.8f, 1.8f, 2.2f, 3.3f, 2.6f, 4, 4, 3.4f, 5.5f, 2, 6, 0.7f, 5.8f, 0, 5.1f),
        ],
        6 => [Six],
        7 => [Straight(0, 0, 4, 0, 1.4f, 6)],
        8 =>
        [
            Round(2, 2.8f, 3.2f, 2.3f, 3.6f, 1.4f, 3.1f, 0.4f, 2, 0, 0.9f, 0.4f, 0.4f, 1.4f, 0.8f, 2.3f, 2, 2.8f),
            Round(2, 2.8f, 3.5f, 3.4f, 4, 4.5f, 3.4f, 5.6f, 2, 6, 0.6f, 5.6f, 0, 4.5f, 0.5f, 3.4f, 2, 2.8f),
        ],
        _ => [Array.ConvertAll(Six, p => new Vector2(DigitWidth, DigitHeight) - p)],
    };

    private static Vector2[] Six => Round(
        3.5f, 0.7f, 2.4f, 0, 1, 0.7f, 0.1f, 2.8f, 0.2f, 4.6f, 1, 5.7f, 2.1f, 6,
        3.4f, 5.5f, 4, 4.1f, 3.4f, 2.8f, 2.1f, 2.4f, 0.8f, 2.9f, 0.1f, 4);

    private static Vector2[] Round(params ReadOnlySpan<float> numbers) => Curve.Through(Straight(numbers));

    private static Vector2[] Straight(params ReadOnlySpan<float> numbers)
    {
        var points = new Vector2[numbers.Length / 2];
        for (var i = 0; i < points.Length; i++)
            points[i] = new Vector2(numbers[2 * i], numbers[(2 * i) + 1]);
        return points;
    }
}

namespace Mdfld.Data;

/// <summary>Text with nothing but x and y, parted by spaces, tabs, commas or lines.</summary>
internal static class PointLines
{
    private const int MostNumbers = 1000;

    private static readonly char[] Gaps = [' ', '\t', ','];

    /// <summary>The numbers in order.</summary>
    /// <exception cref="InvalidDataException">Something is no number; the message names the line.</exception>
    public static IReadOnlyList<double> Read(string file)
    {
        var numbers = new List<double>();
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            numbers.AddRange(AnnotationText.At(
                $"{file}, line {number}",
                () => line.Split(Gaps, StringSplitOptions.RemoveEmptyEntries)
                    .Select(n => AnnotationText.Coordinate(n)).ToArray()));
            if (numbers.Count > MostNumbers)
                throw new InvalidDataException($"{file}, line {number}: more than {MostNumbers} numbers");
        }
        return numbers;
    }
}

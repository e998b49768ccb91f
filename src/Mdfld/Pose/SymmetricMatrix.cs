namespace Mdfld;

/// <summary>Small symmetric matrices, row by row.</summary>
internal static class SymmetricMatrix
{
    private const int Largest = 12;

    /// <summary>
    /// Solves A x = b by Cholesky's decomposition; false where A, whose lower half counts, is not positive definite.
    /// </summary>
    public static bool Solve(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> x)
    {
        var n = b.Length;
        Span<double> l = stackalloc double[Largest * Largest];
        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k <= i; k++)
            {
                var sum = a[(i * n) + k];
                for (var m = 0; m < k; m++)
                    sum -= l[(i * n) + m] * l[(k * n) + m];
                if (i != k)
                {
                    l[(i * n) + k] = sum / l[(k * n) + k];
                    continue;
                }
                if (!(sum > 0) || !double.IsFinite(sum))
                    return false;
                l[(i * n) + i] = Math.Sqrt(sum);
            }
        }
        for (var i = 0; i < n; i++)
        {
            var sum = b[i];
            for (var m = 0; m < i; m++)
                sum -= l[(i * n) + m] * x[m];
            x[i] = sum / l[(i * n) + i];
        }
        for (var i = n - 1; i >= 0; i--)
        {
            var sum = x[i];
            for (var m = i + 1; m < n; m++)
                sum -= l[(m * n) + i] * x[m];
            x[i] = sum / l[(i * n) + i];
        }
        return true;
    }
}

namespace Mdfld;

/// <summary>A 2 x 2 matrix, in double precision: covariances and gains of points.</summary>
internal readonly record struct Matrix2(double XX, double XY, double YX, double YY)
{
    public static Matrix2 Identity => new(1, 0, 0, 1);

    public double Trace => XX + YY;

    public Matrix2 Transposed => new(XX, YX, XY, YY);

    /// <summary>The nearest symmetric one.</summary>
    public Matrix2 Symmetric => new(XX, (XY + YX) / 2, (XY + YX) / 2, YY);

    public Matrix2 Inverse
    {
        get
        {
            var determinant = (XX * YY) - (XY * YX);
            return new Matrix2(YY / determinant, -XY / determinant, -YX / determinant, XX / determinant);
        }
    }

    public static Matrix2 Scaled(double s) => new(s, 0, 0, s);

    public static Matrix2 Of(PointCovariance c) => new(c.XX, c.XY, c.XY, c.YY);

    public static Matrix2 operator +(Matrix2 a, Matrix2 b) => new(a.XX + b.XX, a.XY + b.XY, a.YX + b.YX, a.YY + b.YY);

    public static Matrix2 operator -(Matrix2 a, Matrix2 b) => new(a.XX - b.XX, a.XY - b.XY, a.YX - b.YX, a.YY - b.YY);

    public static Matrix2 operator *(double s, Matrix2 a) => new(s * a.XX, s * a.XY, s * a.YX, s * a.YY);

    public static Matrix2 operator *(Matrix2 a, Matrix2 b) => new(
        (a.XX * b.XX) + (a.XY * b.YX), (a.XX * b.XY) + (a.XY * b.YY),
        (a.YX * b.XX) + (a.YY * b.YX), (a.YX * b.XY) + (a.YY * b.YY));

    public static (double X, double Y) operator *(Matrix2 a, (double X, double Y) v) =>
        ((a.XX * v.X) + (a.XY * v.Y), (a.YX * v.X) + (a.YY * v.Y));

    /// <summary>v' A v.</summary>
    public double Square((double X, double Y) v)
    {
        var (x, y) = this * v;
        return (v.X * x) + (v.Y * y);
    }
}

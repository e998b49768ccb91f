namespace Mdfld.Torch;

/// <content>Element by element and over dimensions; names and meanings as in PyTorch.</content>
public sealed partial class Tensor
{
    private static readonly Operator AddOp = new("aten::add", "Tensor");
    private static readonly Operator AddScalarOp = new("aten::add", "Scalar");
    private static readonly Operator AddInPlaceOp = new("aten::add_", "Tensor");
    private static readonly Operator AddScalarInPlaceOp = new("aten::add_", "Scalar");
    private static readonly Operator SubOp = new("aten::sub", "Tensor");
    private static readonly Operator SubScalarOp = new("aten::sub", "Scalar");
    private static readonly Operator RsubScalarOp = new("aten::rsub", "Scalar");
    private static readonly Operator MulOp = new("aten::mul", "Tensor");
    private static readonly Operator MulScalarOp = new("aten::mul", "Scalar");
    private static readonly Operator MulScalarInPlaceOp = new("aten::mul_", "Scalar");
    private static readonly Operator DivOp = new("aten::div", "Tensor");
    private static readonly Operator DivScalarOp = new("aten::div", "Scalar");
    private static readonly Operator ReciprocalOp = new("aten::reciprocal");
    private static readonly Operator NegOp = new("aten::neg");
    private static readonly Operator AbsOp = new("aten::abs");
    private static readonly Operator SqrtOp = new("aten::sqrt");
    private static readonly Operator ExpOp = new("aten::exp");
    private static readonly Operator LogOp = new("aten::log");
    private static readonly Operator Log1pOp = new("aten::log1p");
    private static readonly Operator SinOp = new("aten::sin");
    private static readonly Operator CosOp = new("aten::cos");
    private static readonly Operator Atan2Op = new("aten::atan2");
    private static readonly Operator PowScalarOp = new("aten::pow", "Tensor_Scalar");
    private static readonly Operator PowTensorOp = new("aten::pow", "Tensor_Tensor");
    private static readonly Operator PowOfScalarOp = new("aten::pow", "Scalar");
    private static readonly Operator ClampOp = new("aten::clamp");
    private static readonly Operator MaximumOp = new("aten::maximum");
    private static readonly Operator WhereOp = new("aten::where", "self");
    private static readonly Operator SumOp = new("aten::sum");
    private static readonly Operator SumDimsOp = new("aten::sum", "dim_IntList");
    private static readonly Operator MeanOp = new("aten::mean");
    private static readonly Operator MeanDimsOp = new("aten::mean", "dim");
    private static readonly Operator MaxOp = new("aten::max");
    private static readonly Operator AmaxOp = new("aten::amax");
    private static readonly Operator LtScalarOp = new("aten::lt", "Scalar");
    private static readonly Operator LeScalarOp = new("aten::le", "Scalar");
    private static readonly Operator GtScalarOp = new("aten::gt", "Scalar");
    private static readonly Operator GeScalarOp = new("aten::ge", "Scalar");
    private static readonly Operator MatmulOp = new("aten::matmul");
    private static readonly Operator EighOp = new("aten::linalg_eigh");
    private static readonly Operator IsFiniteOp = new("aten::isfinite");
    private static readonly Operator AllOp = new("aten::all");
    private static readonly Operator AddcmulInPlaceOp = new("aten::addcmul_");
    private static readonly Operator AddcdivInPlaceOp = new("aten::addcdiv_");
    private static readonly Operator LerpInPlaceOp = new("aten::lerp_", "Scalar");
    private static readonly Operator ZeroInPlaceOp = new("aten::zero_");

    public static Tensor operator +(Tensor a, Tensor b) => AddOp.Call(a, b);

    public static Tensor operator +(Tensor a, double b) => AddScalarOp.Call(a, b);

    public static Tensor operator +(double a, Tensor b) => AddScalarOp.Call(b, a);

    public static Tensor operator -(Tensor a, Tensor b) => SubOp.Call(a, b);

    public static Tensor operator -(Tensor a, double b) => SubScalarOp.Call(a, b);

    public static Tensor operator -(double a, Tensor b) => RsubScalarOp.Call(b, a);

    public static Tensor operator -(Tensor a) => NegOp.Call(a);

    public static Tensor operator *(Tensor a, Tensor b) => MulOp.Call(a, b);

    public static Tensor operator *(Tensor a, double b) => MulScalarOp.Call(a, b);

    public static Tensor operator *(double a, Tensor b) => MulScalarOp.Call(b, a);

    public static Tensor operator /(Tensor a, Tensor b) => DivOp.Call(a, b);

    public static Tensor operator /(Tensor a, double b) => DivScalarOp.Call(a, b);

    public Tensor Reciprocal() => ReciprocalOp.Call(this);

    public Tensor Abs() => AbsOp.Call(this);

    public Tensor Sqrt() => SqrtOp.Call(this);

    public Tensor Exp() => ExpOp.Call(this);

    public Tensor Log() => LogOp.Call(this);

    public Tensor Log1p() => Log1pOp.Call(this);

    public Tensor Sin() => SinOp.Call(this);

    public Tensor Cos() => CosOp.Call(this);

    /// <summary>Angle of the vector (<paramref name="x"/>, this), radians.</summary>
    public Tensor Atan2(Tensor x) => Atan2Op.Call(this, x);

    public Tensor Pow(double exponent) => PowScalarOp.Call(this, exponent);

    public Tensor Pow(Tensor exponent) => PowTensorOp.Call(this, exponent);

    /// <summary><paramref name="number"/> to the power of each element.</summary>
    public static Tensor Pow(double number, Tensor exponent) => PowOfScalarOp.Call(number, exponent);

    /// <summary>Limits every element to [min, max]; null for no limit.</summary>
    public Tensor Clamp(double? min = null, double? max = null) =>
        ClampOp.Call(this, min is { } a ? a : Argument.None, max is { } b ? b : Argument.None);

    public Tensor Maximum(Tensor other) => MaximumOp.Call(this, other);

    /// <summary>This where <paramref name="condition"/> holds, <paramref name="other"/> elsewhere.</summary>
    public Tensor Where(Tensor condition, Tensor other) => WhereOp.Call(condition, this, other);

    public Tensor Sum() => SumOp.Call(this);

    public Tensor Sum(long[] dimensions, bool keepDimensions = false) =>
        SumDimsOp.Call(this, dimensions, keepDimensions);

    public Tensor Mean() => MeanOp.Call(this);

    public Tensor Mean(long[] dimensions, bool keepDimensions = false) =>
        MeanDimsOp.Call(this, dimensions, keepDimensions);

    public Tensor Max() => MaxOp.Call(this);

    public Tensor Amax(long[] dimensions, bool keepDimensions = false) => AmaxOp.Call(this, dimensions, keepDimensions);

    public Tensor Less(double value) => LtScalarOp.Call(this, value);

    public Tensor LessOrEqual(double value) => LeScalarOp.Call(this, value);

    public Tensor Greater(double value) => GtScalarOp.Call(this, value);

    public Tensor GreaterOrEqual(double value) => GeScalarOp.Call(this, value);

    public Tensor Matmul(Tensor other) => MatmulOp.Call(this, other);

    /// <summary>Eigenvalues, ascending, and eigenvectors as columns, of symmetric matrices (..., n, n).</summary>
    public (Tensor Values, Tensor Vectors) Eigh()
    {
        var results = EighOp.CallMany(this);
        return (results[0]!, results[1]!);
    }

    /// <summary>Whether no element is infinite or NaN.</summary>
    public bool IsAllFinite()
    {
        using var finite = IsFiniteOp.Call(this);
        using var all = AllOp.Call(finite);
        return all.ToArray<bool>()[0];
    }

    /// <summary>In place: this += scale * other.</summary>
    public void AddInPlace(Tensor other, double scale = 1) => AddInPlaceOp.Call(this, other, scale).Dispose();

    /// <summary>In place: this += value.</summary>
    public void AddInPlaceScalar(long value) => AddScalarInPlaceOp.Call(this, value).Dispose();

    /// <summary>In place: this *= factor.</summary>
    public void MulInPlace(double factor) => MulScalarInPlaceOp.Call(this, factor).Dispose();

    /// <summary>In place: this += scale * a * b.</summary>
    public void AddcmulInPlace(Tensor a, Tensor b, double scale) => AddcmulInPlaceOp.Call(this, a, b, scale).Dispose();

    /// <summary>In place: this += scale * a / b.</summary>
    public void AddcdivInPlace(Tensor a, Tensor b, double scale) => AddcdivInPlaceOp.Call(this, a, b, scale).Dispose();

    /// <summary>In place: this += weight * (end - this).</summary>
    public void LerpInPlace(Tensor end, double weight) => LerpInPlaceOp.Call(this, end, weight).Dispose();

    /// <summary>In place: all zero.</summary>
    public void ZeroInPlace() => ZeroInPlaceOp.Call(this).Dispose();
}

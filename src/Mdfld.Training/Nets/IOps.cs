namespace Mdfld.Training;

/// <summary>
/// The operators that our detectors are made of. A network is one generic method over them, which takes its parameters
/// by their names in the state dict: with <see cref="TorchOps"/> it runs and is trained, with <see cref="OnnxOps"/> it
/// writes itself as an ONNX graph.
/// </summary>
/// <typeparam name="T">A value, (N, C, H, W) where nothing else is said; N is the batch.</typeparam>
internal interface IOps<T> where T : class
{
    /// <summary>Sizes of a value; the batch may be unknown, -1.</summary>
    long[] Shape(T x);

    /// <summary>
    /// Convolution with the parameters <c>name.weight</c>, (out, in, k, k), and, where there is one, <c>name.bias</c>;
    /// (k - 1) / 2 zeros at every edge; then the batch normalisation <paramref name="norm"/> where one is named.
    /// </summary>
    T Conv(T x, string name, int stride = 1, string? norm = null);

    /// <summary>Batch normalisation that follows no convolution: four parameters of that name.</summary>
    T Norm(T x, string name);

    /// <summary>Every channel of every picture to mean 0 and variance 1.</summary>
    T InstanceNorm(T x);

    T Relu(T x);

    T Sigmoid(T x);

    /// <summary>Over the last dimension.</summary>
    T Softmax(T x);

    /// <summary>The largest of each 2 x 2 values: half the size.</summary>
    T MaxPool(T x);

    /// <summary>Twice the size, every value four times.</summary>
    T Upsample(T x);

    T Add(T a, T b);

    T Sub(T a, T b);

    T Mul(T a, T b);

    T Div(T a, T b);

    /// <summary>Product of the last two dimensions.</summary>
    T MatMul(T a, T b);

    /// <summary>Values below <paramref name="least"/> become it.</summary>
    T ClampMin(T x, double least);

    /// <summary>1 where a value is greater, else 0; no gradient passes.</summary>
    T Greater(T x, double threshold);

    /// <summary>Over some dimensions, which vanish.</summary>
    T Sum(T x, params long[] dimensions);

    T Concat(int dimension, params T[] parts);

    /// <summary>Elements start to end (excluded) of a dimension.</summary>
    T Slice(T x, int dimension, long start, long end);

    /// <summary>One size may be -1.</summary>
    T Reshape(T x, params long[] shape);

    /// <summary>Fixed numbers, of the precision and on the device of <paramref name="like"/>.</summary>
    T Constant(T like, double[] values, params long[] shape);

    /// <summary>A constant (1, ...) once for every picture of <paramref name="like"/>.</summary>
    T Repeat(T constant, T like);
}

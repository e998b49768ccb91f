namespace Mdfld.Torch;

/// <summary>What is done to gradients between backward and step.</summary>
public static class Gradients
{
    /// <summary>Scales all gradients so that their joint L2 norm is at most <paramref name="maximum"/>.</summary>
    /// <returns>The norm before; not finite when a gradient is not.</returns>
    public static double ClipNorm(IEnumerable<(string Name, Tensor Tensor)> parameters, double maximum)
    {
        using var noGrad = Autograd.NoGrad();
        using var scope = new TensorScope();
        var gradients = parameters.Select(p => p.Tensor.Grad).OfType<Tensor>().ToArray();
        if (gradients.Length == 0)
            return 0;
        var squares = gradients.Select(g => (g * g).Sum()).ToArray();
        var norm = Math.Sqrt(Tensor.Stack(squares, 0).Sum().ToDouble());
        if (norm > maximum)
        {
            foreach (var gradient in gradients)
                gradient.MulInPlace(maximum / (norm + 1e-6));
        }
        return norm;
    }
}

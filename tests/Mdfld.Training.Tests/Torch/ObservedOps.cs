using System.Reflection;

namespace Mdfld.Tests.Torch;

/// <summary>Hands every operator to <see cref="TorchOps"/> and tells what it was given and gave.</summary>
public class ObservedOps : DispatchProxy
{
    private IOps<Tensor> _ops = null!;
    private Action<string, object?[], Tensor> _called = null!;

    internal static IOps<Tensor> Of(IOps<Tensor> ops, Action<string, object?[], Tensor> called)
    {
        var proxy = Create<IOps<Tensor>, ObservedOps>();
        (((ObservedOps)(object)proxy)._ops, ((ObservedOps)(object)proxy)._called) = (ops, called);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var result = targetMethod!.Invoke(_ops, args);
        if (result is Tensor tensor)
            _called(targetMethod.Name, args!, tensor);
        return result;
    }
}

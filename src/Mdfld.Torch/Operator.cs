using System.Runtime.InteropServices;
using System.Text;
using Mdfld.Torch.Native;

namespace Mdfld.Torch;

/// <summary>
/// An operator of libtorch, found by its ATen schema name and called through the dispatcher, so that autograd and every
/// device work as in PyTorch. All computation of this library passes through <see cref="Call"/>; a
/// <see cref="IOperatorObserver"/> sees it there.
/// </summary>
/// <param name="name">Schema name, such as <c>aten::conv2d</c>.</param>
/// <param name="overload">Overload name, such as <c>Scalar</c>; empty for the plain one.</param>
public sealed unsafe class Operator(string name, string overload = "")
{
    private const int MaxResults = 64;

    private nint _handle;

    /// <summary>Schema name, such as <c>aten::conv2d</c>.</summary>
    public string Name { get; } = name;

    /// <summary>Overload name; empty for the plain one.</summary>
    public string Overload { get; } = overload;

    /// <summary>Whether the loaded libtorch has it.</summary>
    public bool IsAvailable
    {
        get
        {
            if (_handle == 0 && NativeMethods.mdfld_operator_find(Name, Overload, out var found) == 0)
                _handle = found;
            return _handle != 0;
        }
    }

    /// <summary>Who is told of every call on this thread; null for nobody.</summary>
    [field: ThreadStatic]
    public static IOperatorObserver? Observer { get; set; }

    /// <summary>Calls the operator and gives its only tensor.</summary>
    /// <exception cref="TorchException">libtorch refused the arguments or has no such operator.</exception>
    public Tensor Call(params ReadOnlySpan<Argument> arguments) => CallMany(arguments)[0]
        ?? throw new TorchException($"{Name} gave no tensor");

    /// <summary>
    /// Calls the operator. Arguments left off at the end take the schema's defaults; tensors among the results come in
    /// order, lists flattened, null where the operator gave none.
    /// </summary>
    /// <exception cref="TorchException">libtorch refused the arguments or has no such operator.</exception>
    public Tensor?[] CallMany(params ReadOnlySpan<Argument> arguments)
    {
        if (_handle == 0)
        {
            NativeMethods.Check(NativeMethods.mdfld_operator_find(Name, Overload, out var found));
            _handle = found;
        }

        var values = stackalloc NativeValue[Math.Max(1, arguments.Length)];
        var results = stackalloc NativeValue[MaxResults];
        var pins = new PinnedLists();
        int count;
        try
        {
            for (var i = 0; i < arguments.Length; i++)
                values[i] = pins.Lower(arguments[i]);
            NativeMethods.Check(NativeMethods.mdfld_operator_call(
                _handle, values, arguments.Length, results, MaxResults, out count));
        }
        finally
        {
            pins.Dispose();
            // The handles above are plain numbers: their owners must outlive the call.
            foreach (var argument in arguments)
                GC.KeepAlive(argument.Reference);
        }

        var tensors = new Tensor?[count];
        for (var i = 0; i < count; i++)
            tensors[i] = results[i].Kind == ValueKind.Tensor ? new Tensor(results[i].Pointer) : null;
        Observer?.Called(this, arguments, tensors);
        return tensors;
    }

    /// <inheritdoc/>
    public override string ToString() => Overload.Length == 0 ? Name : $"{Name}.{Overload}";

    /// <summary>Keeps lists in place while native code reads them.</summary>
    private ref struct PinnedLists
    {
        private List<GCHandle>? _pins;

        public NativeValue Lower(in Argument argument)
        {
            var value = new NativeValue { Kind = argument.Kind, Integer = argument.Integer, Real = argument.Real };
            switch (argument.Reference)
            {
                case null:
                    break;
                case Tensor tensor:
                    value.Pointer = tensor.Handle;
                    break;
                case Tensor?[] tensors:
                    Pin(ref value, Array.ConvertAll(tensors, t => t?.Handle ?? 0), tensors.Length);
                    break;
                case string text:
                    var bytes = Encoding.UTF8.GetBytes(text);
                    Pin(ref value, bytes, bytes.Length);
                    break;
                case Array list:
                    Pin(ref value, list, list.Length);
                    break;
                default:
                    throw new InvalidOperationException($"an argument cannot hold {argument.Reference.GetType().Name}");
            }
            return value;
        }

        public readonly void Dispose()
        {
            if (_pins is null)
                return;
            foreach (var pin in _pins)
                pin.Free();
        }

        private void Pin(ref NativeValue value, Array list, int length)
        {
            var pin = GCHandle.Alloc(list, GCHandleType.Pinned);
            (_pins ??= []).Add(pin);
            value.Integer = length;
            value.Pointer = pin.AddrOfPinnedObject();
        }
    }
}

/// <summary>
/// Sees every operator called on a thread, with what went in and what came out.
/// </summary>
public interface IOperatorObserver
{
    void Called(Operator op, ReadOnlySpan<Argument> arguments, IReadOnlyList<Tensor?> results);
}

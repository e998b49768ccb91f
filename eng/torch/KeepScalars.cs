using System;
using System.IO;
using System.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Mono.Cecil;
using Mono.Cecil.Cil;

/// <summary>
/// Copies TorchSharp.dll and has every thread hold the last scalars it made. TorchSharp hands libtorch the bare address
/// of a scalar, often of one that nothing else refers to, as the 1 in a + b: where the garbage collector runs while
/// the call does, the scalar is freed under it, and the sum is wrong or the call fails. A thread makes one call at a
/// time, of a few scalars, so that holding the last of them is enough.
/// </summary>
public sealed class KeepScalars : Task
{
    private const int Held = 64;

    [Required]
    public string Source { get; set; }

    [Required]
    public string Destination { get; set; }

    public override bool Execute()
    {
        using (var assembly = AssemblyDefinition.ReadAssembly(Source))
        {
            var module = assembly.MainModule;
            var scalar = module.GetType("TorchSharp.Scalar");
            var keep = DefineKeep(module, scalar);
            var made = scalar.Methods.Single(m => m.IsConstructor && !m.IsStatic);
            var il = made.Body.GetILProcessor();
            var end = made.Body.Instructions.Last();
            il.InsertBefore(end, il.Create(OpCodes.Ldarg_0));
            il.InsertBefore(end, il.Create(OpCodes.Call, keep));
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(Destination)));
            assembly.Write(Destination);
        }
        return true;
    }

    /// <summary>
    /// static class RecentScalars { [ThreadStatic] static Scalar[] held; [ThreadStatic] static int next;
    /// static void Keep(Scalar s) { held ??= new Scalar[Held]; held[next++ and (Held - 1)] = s; } }
    /// </summary>
    private static MethodDefinition DefineKeep(ModuleDefinition module, TypeDefinition scalar)
    {
        var type = new TypeDefinition(
            "TorchSharp", "RecentScalars",
            TypeAttributes.NotPublic | TypeAttributes.Abstract | TypeAttributes.Sealed | TypeAttributes.BeforeFieldInit,
            module.TypeSystem.Object);
        module.Types.Add(type);
        var held = AddThreadStatic(module, type, "held", new ArrayType(scalar));
        var next = AddThreadStatic(module, type, "next", module.TypeSystem.Int32);
        var keep = new MethodDefinition(
            "Keep", MethodAttributes.Assembly | MethodAttributes.Static, module.TypeSystem.Void);
        keep.Parameters.Add(new ParameterDefinition("scalar", ParameterAttributes.None, scalar));
        type.Methods.Add(keep);
        var il = keep.Body.GetILProcessor();
        var hold = il.Create(OpCodes.Ldsfld, held);
        il.Emit(OpCodes.Ldsfld, held);
        il.Emit(OpCodes.Brtrue, hold);
        il.Emit(OpCodes.Ldc_I4, Held);
        il.Emit(OpCodes.Newarr, scalar);
        il.Emit(OpCodes.Stsfld, held);
        il.Append(hold);
        il.Emit(OpCodes.Ldsfld, next);
        il.Emit(OpCodes.Ldc_I4, Held - 1);
        il.Emit(OpCodes.And);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Stelem_Ref);
        il.Emit(OpCodes.Ldsfld, next);
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stsfld, next);
        il.Emit(OpCodes.Ret);
        return keep;
    }

    private static FieldDefinition AddThreadStatic(
        ModuleDefinition module, TypeDefinition type, string name, TypeReference of)
    {
        // System.ThreadStaticAttribute, of the library that System.Object is in.
        var attribute = new TypeReference("System", "ThreadStaticAttribute", module, module.TypeSystem.CoreLibrary);
        var make = new MethodReference(".ctor", module.TypeSystem.Void, attribute) { HasThis = true };
        var field = new FieldDefinition(name, FieldAttributes.Private | FieldAttributes.Static, of);
        field.CustomAttributes.Add(new CustomAttribute(make));
        type.Fields.Add(field);
        return field;
    }
}

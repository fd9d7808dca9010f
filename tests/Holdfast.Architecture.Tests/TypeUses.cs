using System.Reflection;
using System.Reflection.Emit;

namespace Holdfast.Architecture;

/// <summary>The types that a type's declarations and method bodies mention, each as its outermost declaring type.</summary>
internal static class TypeUses
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<int, OpCode> OpCodesByValue = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (int)(ushort)code.Value);

    public static HashSet<Type> Of(Type type)
    {
        var uses = new HashSet<Type>();
        Declarations(type, uses);
        return uses;
    }

    private static void Declarations(Type type, HashSet<Type> uses)
    {
        Add(type.BaseType, uses);
        AddAll(type.GetInterfaces(), uses);
        AddAll(type.GetFields(All).Select(field => field.FieldType), uses);
        foreach (var method in type.GetMembers(All).OfType<MethodBase>())
        {
            AddAll(method.GetParameters().Select(parameter => parameter.ParameterType), uses);
            Add((method as MethodInfo)?.ReturnType, uses);
            Body(method, uses);
        }
        foreach (var nested in type.GetNestedTypes(All)) // closures and state machines among them
        {
            Declarations(nested, uses);
        }
    }

    private static void Body(MethodBase method, HashSet<Type> uses)
    {
        if (method.GetMethodBody() is not { } body || body.GetILAsByteArray() is not { } il)
        {
            return;
        }
        AddAll(body.LocalVariables.Select(local => local.LocalType), uses);
        AddAll(body.ExceptionHandlingClauses.Where(clause => clause.Flags == ExceptionHandlingClauseOptions.Clause).Select(clause => clause.CatchType), uses);
        for (var at = 0; at < il.Length;)
        {
            int value = il[at++];
            if (value == 0xFE)
            {
                value = value << 8 | il[at++];
            }
            var code = OpCodesByValue[value];
            if (code.OperandType is OperandType.InlineType or OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineTok)
            {
                Member(method, BitConverter.ToInt32(il, at), uses);
            }
            at += OperandSize(code, il, at);
        }
    }

    private static void Member(MethodBase method, int token, HashSet<Type> uses)
    {
        var typeArguments = method.DeclaringType is { IsGenericType: true } declaring ? declaring.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        var member = method.Module.ResolveMember(token, typeArguments, methodArguments);
        Add(member as Type ?? member?.DeclaringType, uses);
        if (member is MethodInfo { IsGenericMethod: true } generic)
        {
            AddAll(generic.GetGenericArguments(), uses);
        }
    }

    private static int OperandSize(OpCode code, byte[] il, int at) => code.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(il, at),
        _ => 4,
    };

    private static void AddAll(IEnumerable<Type?> types, HashSet<Type> uses)
    {
        foreach (var type in types)
        {
            Add(type, uses);
        }
    }

    private static void Add(Type? type, HashSet<Type> uses)
    {
        if (type is null || type.IsGenericParameter)
        {
            return;
        }
        if (type.HasElementType)
        {
            Add(type.GetElementType(), uses);
            return;
        }
        if (type.IsConstructedGenericType)
        {
            AddAll(type.GetGenericArguments(), uses);
            type = type.GetGenericTypeDefinition();
        }
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }
        uses.Add(type);
    }
}

using System.Reflection;

namespace Holdfast.Architecture;

/// <summary>An assembly's public face as text: one line per type, one indented line per member, both in ordinal order.</summary>
internal static class ApiText
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IEnumerable<string> Of(Assembly assembly)
    {
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            yield return TypeLine(type);
            foreach (var line in Members(type).Order(StringComparer.Ordinal))
            {
                yield return $"    {line}";
            }
        }
    }

    private static string TypeLine(Type type)
    {
        var name = $"{type.Namespace}.{TypeName.Of(type, withNamespace: false)}";
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            var invoke = type.GetMethod("Invoke")!;
            return $"delegate {TypeName.Of(invoke.ReturnParameter)} {name}({Parameters(invoke)})";
        }
        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => type.IsDefined(typeof(System.Runtime.CompilerServices.IsReadOnlyAttribute)) ? "readonly struct" : "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var parents = new[] { type.BaseType }.Where(parent => parent is not null && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum))
            .Concat(type.IsEnum ? [] : type.GetInterfaces().Where(parent => parent.IsVisible).OrderBy(parent => parent.FullName, StringComparer.Ordinal))
            .Select(parent => TypeName.Of(parent!));
        var list = string.Join(", ", parents);
        return $"{kind} {name}{(list.Length == 0 ? "" : $" : {list}")}{Constraints(type.GetGenericArguments())}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return [];
        }
        if (type.IsEnum)
        {
            return type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), null)}");
        }
        return type.GetMembers(Declared).Select(Member).OfType<string>();
    }

    private static string? Member(MemberInfo member) => member switch
    {
        ConstructorInfo { IsStatic: false } constructor when IsVisible(constructor) =>
            $"{Access(constructor)}{TypeName.Short(constructor.DeclaringType!)}({Parameters(constructor)})",
        MethodInfo method when IsVisible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) && !method.Name.Contains('<') =>
            $"{Modifiers(method)}{TypeName.Of(method.ReturnParameter)} {method.Name}{TypeName.Generic(method.GetGenericArguments())}({Parameters(method)}){Constraints(method.GetGenericArguments())}",
        PropertyInfo property when Accessors(property) is [_, ..] accessors =>
            $"{Modifiers(accessors[0])}{TypeName.Of(property)} {property.Name}{Index(property)} {{ {string.Join(" ", accessors.Select(AccessorName))} }}",
        EventInfo { AddMethod: { } add } @event when IsVisible(add) => $"{Modifiers(add)}event {TypeName.Of(@event.EventHandlerType!)} {@event.Name}",
        FieldInfo { IsSpecialName: false } field when field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly =>
            $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{TypeName.Of(field)} {field.Name}",
        _ => null,
    };

    private static MethodInfo[] Accessors(PropertyInfo property) =>
        new[] { property.GetMethod, property.SetMethod }.OfType<MethodInfo>().Where(IsVisible).ToArray();

    private static string AccessorName(MethodInfo accessor) =>
        accessor.Name.StartsWith("get_", StringComparison.Ordinal) ? "get;"
        : accessor.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name == "IsExternalInit") ? "init;"
        : "set;";

    private static string Index(PropertyInfo property) =>
        property.GetIndexParameters() is [_, ..] parameters ? $"[{string.Join(", ", parameters.Select(Parameter))}]" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var passing = parameter.IsIn && parameter.ParameterType.IsByRef ? "in " : parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? "ref "
            : parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "";
        var defaultValue = !parameter.HasDefaultValue ? "" : parameter.RawDefaultValue switch
        {
            null => parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null ? " = default" : " = null",
            string text => $" = \"{text}\"",
            bool flag => flag ? " = true" : " = false",
            var value => $" = {Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)}",
        };
        return $"{passing}{TypeName.Of(parameter)} {parameter.Name}{defaultValue}";
    }

    private static string Constraints(Type[] arguments) => string.Concat(arguments.Where(argument => argument.IsGenericParameter).Select(Constraint));

    private static string Constraint(Type argument)
    {
        var attributes = argument.GenericParameterAttributes;
        var words = new List<string>();
        if (attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
        {
            words.Add("class");
        }
        if (attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint))
        {
            words.Add("struct");
        }
        words.AddRange(argument.GetGenericParameterConstraints().Where(parent => parent != typeof(ValueType)).Select(TypeName.Of));
        return words.Count == 0 ? "" : $" where {argument.Name} : {string.Join(", ", words)}";
    }

    private static bool IsVisible(MethodBase method) =>
        method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && method.DeclaringType is { IsSealed: false });

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifiers(MethodInfo method) => Access(method)
        + (method.IsStatic ? "static " : method.DeclaringType!.IsInterface ? "" : method.IsAbstract ? "abstract "
            : method.GetBaseDefinition() != method ? "override " : method.IsVirtual && !method.IsFinal ? "virtual " : "");
}

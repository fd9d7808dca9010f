using System.Reflection;

namespace Holdfast.Architecture;

/// <summary>Types as C# writes them, with <c>?</c> where null may be; namespaces are left out but for our own types' first line.</summary>
internal static class TypeName
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool", [typeof(byte)] = "byte",
        [typeof(char)] = "char", [typeof(short)] = "short", [typeof(ushort)] = "ushort", [typeof(int)] = "int", [typeof(uint)] = "uint",
        [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(float)] = "float", [typeof(double)] = "double", [typeof(decimal)] = "decimal",
    };

    public static string Of(ParameterInfo parameter) => Of(parameter.ParameterType, NullableFlags.Of(parameter));

    public static string Of(PropertyInfo property) => Of(property.PropertyType, NullableFlags.Of(property));

    public static string Of(FieldInfo field) => Of(field.FieldType, NullableFlags.Of(field));

    public static string Of(Type type) => Of(type, NullableFlags.None);

    public static string Of(Type type, bool withNamespace) => withNamespace ? $"{type.Namespace}.{Of(type)}" : Of(type);

    public static string Short(Type type) => type.Name.Split('`')[0];

    public static string Generic(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(Of))}>";

    // The order in which types are met is the order of the compiler's flags.
    private static string Of(Type type, NullableFlags flags)
    {
        if (type.IsByRef)
        {
            return Of(type.GetElementType()!, flags);
        }
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Of(underlying, flags) + "?";
        }
        var hasFlag = !type.IsValueType || type.IsGenericType;
        var mark = hasFlag && flags.Next() && !type.IsValueType ? "?" : "";
        if (type.IsArray)
        {
            return $"{Of(type.GetElementType()!, flags)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        }
        if (Keywords.TryGetValue(type, out var keyword))
        {
            return keyword + mark;
        }
        var outer = type is { IsNested: true, IsGenericParameter: false } ? $"{Short(type.DeclaringType!)}." : "";
        var arguments = string.Join(", ", type.GetGenericArguments().Select(argument => Of(argument, flags)));
        return $"{outer}{Short(type)}{(arguments.Length == 0 ? "" : $"<{arguments}>")}{mark}";
    }
}

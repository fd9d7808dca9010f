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

    public static string Of(ParameterInfo parameter) => Of(parameter.ParameterType, new NullabilityInfoContext().Create(parameter));

    public static string Of(PropertyInfo property) => Of(property.PropertyType, new NullabilityInfoContext().Create(property));

    public static string Of(FieldInfo field) => Of(field.FieldType, new NullabilityInfoContext().Create(field));

    public static string Of(Type type) => Of(type, null);

    public static string Of(Type type, bool withNamespace) => withNamespace ? $"{type.Namespace}.{Of(type)}" : Of(type);

    public static string Short(Type type) => type.Name.Split('`')[0];

    public static string Generic(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(Of))}>";

    private static string Of(Type type, NullabilityInfo? nullability)
    {
        if (type.IsByRef)
        {
            return Of(type.GetElementType()!, nullability);
        }
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Of(underlying) + "?";
        }
        var mark = nullability is { ReadState: NullabilityState.Nullable } && !type.IsValueType ? "?" : "";
        if (type.IsArray)
        {
            return $"{Of(type.GetElementType()!, nullability?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        }
        if (Keywords.TryGetValue(type, out var keyword))
        {
            return keyword + mark;
        }
        var outer = type is { IsNested: true, IsGenericParameter: false } ? $"{Short(type.DeclaringType!)}." : "";
        var arguments = type.GetGenericArguments()
            .Select((argument, index) => Of(argument, index < nullability?.GenericTypeArguments.Length ? nullability.GenericTypeArguments[index] : null));
        return $"{outer}{Short(type)}{(type.IsGenericType ? $"<{string.Join(", ", arguments)}>" : "")}{mark}";
    }
}

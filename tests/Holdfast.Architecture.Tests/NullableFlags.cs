using System.Reflection;

namespace Holdfast.Architecture;

/// <summary>
/// Where null may be in one declared type, as the compiler notes it: a flag for each reference type, array, type parameter and generic value
/// type, outermost first; or one flag for all of them; or none, and then the nearest NullableContext holds. NullabilityInfoContext answers
/// what callers have to reckon with instead (a plain T may be null), and so depends on which of these forms the compiler chose.
/// </summary>
internal sealed class NullableFlags
{
    private const byte MayBeNull = 2;

    private readonly byte[] _flags;
    private int _next;

    private NullableFlags(params byte[] flags) => _flags = flags;

    public static NullableFlags None => new(0);

    public static NullableFlags Of(ParameterInfo parameter) => Of(parameter.GetCustomAttributesData(), parameter.Member);

    public static NullableFlags Of(FieldInfo field) => Of(field.GetCustomAttributesData(), field.DeclaringType);

    public static NullableFlags Of(PropertyInfo property) => Of(property.GetCustomAttributesData(), property.DeclaringType);

    public bool Next() => _flags[_flags.Length == 1 ? 0 : _next++] == MayBeNull;

    private static NullableFlags Of(IEnumerable<CustomAttributeData> attributes, MemberInfo? context)
    {
        if (Value(attributes, "NullableAttribute") is { } own)
        {
            return own is byte one ? new(one) : new([.. ((IEnumerable<CustomAttributeTypedArgument>)own).Select(flag => (byte)flag.Value!)]);
        }
        for (; context is not null; context = context.DeclaringType)
        {
            if (Value(context.GetCustomAttributesData(), "NullableContextAttribute") is byte inherited)
            {
                return new(inherited);
            }
        }
        return None;
    }

    private static object? Value(IEnumerable<CustomAttributeData> attributes, string name) =>
        attributes.FirstOrDefault(attribute => attribute.AttributeType.Name == name)?.ConstructorArguments[0].Value;
}

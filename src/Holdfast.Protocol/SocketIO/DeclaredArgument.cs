namespace Holdfast.Protocol;

/// <summary>
/// The argument of a <see cref="SocketEvent{T}"/> whose declared type says more than its run-time type: a base class with derived types
/// writes its discriminator only under its own contract.
/// </summary>
internal sealed record DeclaredArgument(object Value, Type Type)
{
    public static object? Of<T>(T value) =>
        value is null || typeof(T).IsSealed || typeof(T) == typeof(object) || value.GetType() == typeof(T)
            ? value
            : new DeclaredArgument(value, typeof(T));
}

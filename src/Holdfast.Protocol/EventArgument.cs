using Holdfast.Protocol;

namespace Holdfast;

/// <summary>
/// One argument of an event or an acknowledgement as it came over the wire, not decoded yet. A value: cheap to copy, safe to keep.
/// </summary>
/// <remarks>
/// It may be the type of a handler's parameter, and it may be passed on as an argument of an emit or an acknowledgement: its bytes
/// then go out unchanged, with the order of keys and the form of numbers kept, and binary values inside keep their place. It keeps the
/// whole message that it came with in memory. The default value is <c>null</c>. Reading is thread-safe.
/// </remarks>
public readonly struct EventArgument
{
    internal EventArgument(PacketParser parser, ReadOnlyMemory<byte> value, ReadOnlyMemory<byte>[] attachments)
    {
        Parser = parser;
        Value = value;
        Attachments = attachments;
    }

    /// <summary>What made it and reads it; null for the default value.</summary>
    internal PacketParser? Parser { get; }

    /// <summary>The bytes in the parser's format. Empty only for the default value.</summary>
    internal ReadOnlyMemory<byte> Value { get; }

    /// <summary>All attachments of the packet; the value refers to them by index.</summary>
    internal ReadOnlyMemory<byte>[] Attachments => field ?? [];

    /// <summary>How many bytes it keeps.</summary>
    internal long Weight => Value.Length + OwnBytes.Count(Attachments);

    /// <summary>The same for keeping: not as a small part of a large body.</summary>
    internal EventArgument Own() => Parser is null ? this : new(Parser, OwnBytes.Of(Value), Attachments);

    /// <summary>Whether the argument is <c>null</c> or was not sent at all.</summary>
    public bool IsNull => Parser is null || Parser.IsNull(Value);

    /// <summary>Decodes the argument. Each call decodes anew.</summary>
    /// <remarks>
    /// Binary values are read as <c>byte[]</c> (a copy), or as <c>ReadOnlyMemory&lt;byte&gt;</c>, which shares the bytes of the message
    /// and must not be written to. <c>object</c> gives a <c>JsonElement</c>, and <c>byte[]</c> for a binary value.
    /// </remarks>
    /// <typeparam name="T">The type to read.</typeparam>
    /// <returns>The value; <c>null</c> when <see cref="IsNull"/> and the type allows it.</returns>
    /// <exception cref="EventArgumentException">The argument does not have this type.</exception>
    /// <exception cref="NotSupportedException">The serializer knows no way to read this type.</exception>
    public T? Get<T>()
    {
        if (typeof(T) == typeof(EventArgument))
        {
            return (T)(object)this;
        }

        if (Parser is not null)
        {
            return Parser.Read<T>(Value, Attachments);
        }

        return default(T) is null ? default : throw new EventArgumentException(typeof(T), innerException: null);
    }

    /// <summary>The argument as text: its JSON, with placeholders for binary values.</summary>
    /// <returns>JSON; <c>null</c> for the default value.</returns>
    public override string ToString() => Parser?.Describe(Value) ?? "null";
}

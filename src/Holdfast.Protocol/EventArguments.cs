using System.Collections;
using Holdfast.Protocol;

namespace Holdfast;

/// <summary>The arguments of a received event or acknowledgement, in order and not decoded yet. Immutable and thread-safe.</summary>
/// <remarks>
/// As the type of a handler's parameter, or of the result of <c>EmitWithAckAsync</c>, it stands for all arguments at once.
/// </remarks>
public sealed class EventArguments : IReadOnlyList<EventArgument>
{
    private readonly PacketParser? _parser;
    private readonly ReadOnlyMemory<byte> _packet;

    // Where each argument lies, or the arguments themselves where they have been replaced: one field, because every event that arrives has it.
    private readonly Array _values;
    private readonly ReadOnlyMemory<byte>[] _attachments;

    /// <param name="parser">What reads the values.</param>
    /// <param name="packet">The bytes that the ranges refer to.</param>
    /// <param name="ranges">Where each argument lies.</param>
    /// <param name="attachments">Filled before anybody reads.</param>
    internal EventArguments(
        PacketParser? parser, ReadOnlyMemory<byte> packet, ArgumentRange[] ranges, ReadOnlyMemory<byte>[] attachments)
    {
        _parser = parser;
        _packet = packet;
        _values = ranges;
        _attachments = attachments;
    }

    /// <summary>Arguments that have been put together here, each with its own bytes.</summary>
    internal EventArguments(EventArgument[] replaced)
    {
        _values = replaced;
        _attachments = [];
    }

    /// <summary>How many bytes they keep, and where each of them lies.</summary>
    internal long Weight => _packet.Length + OwnBytes.Count(_attachments) + (8L * _values.Length);

    /// <summary>The same for keeping: not as a small part of a large body.</summary>
    internal EventArguments Own() => OwnBytes.Of(_packet) is var own && own.Equals(_packet) ? this : new(_parser, own, (ArgumentRange[])_values, _attachments);

    internal static EventArguments Empty { get; } = new(null, default, [], []);

    /// <summary>How many arguments there are. The name of an event is none of them.</summary>
    public int Count => _values.Length;

    /// <summary>One argument.</summary>
    /// <param name="index">Its position, from 0.</param>
    /// <returns>The argument.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer arguments. <see cref="Get{T}"/> is lenient instead.</exception>
    public EventArgument this[int index]
    {
        get
        {
            if ((uint)index >= (uint)Count)
            {
                throw new ArgumentOutOfRangeException(nameof(index), index, $"The event has {Count} arguments.");
            }

            if (_values is EventArgument[] replaced)
            {
                return replaced[index];
            }

            var range = ((ArgumentRange[])_values)[index];
            return new EventArgument(_parser!, _packet.Slice(range.Start, range.Length), _attachments);
        }
    }

    /// <summary>Decodes one argument, as a handler's parameter is: one that was not sent counts as <c>null</c>.</summary>
    /// <typeparam name="T">The type to read.</typeparam>
    /// <param name="index">Its position, from 0.</param>
    /// <returns>The value; <c>null</c> when it is absent or null and the type allows it.</returns>
    /// <exception cref="EventArgumentException">The argument does not have this type.</exception>
    public T? Get<T>(int index)
    {
        if (index < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, "Positions start at 0.");
        }

        return (index < Count ? this[index] : default).Get<T>();
    }

    /// <summary>
    /// The arguments in the form that <c>EmitCoreAsync</c> and <c>AckCoreAsync</c> take, to pass all of them on unchanged.
    /// </summary>
    /// <returns>A new array of <see cref="EventArgument"/> values.</returns>
    public object?[] ToArray()
    {
        var array = new object?[Count];
        for (var i = 0; i < array.Length; i++)
        {
            array[i] = this[i];
        }

        return array;
    }

    /// <inheritdoc/>
    public IEnumerator<EventArgument> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Where an argument lies in its packet.</summary>
internal readonly record struct ArgumentRange(int Start, int Length);

using System.Collections;
using System.Collections.Immutable;

namespace Holdfast;

/// <summary>
/// The data of a socket: named values that belong to the client and not to its connection. A value is serialised when it is set, so what is kept is what it was then;
/// changing the object afterwards changes nothing here. As an argument of an emit it is a JSON object. All members are thread safe.
/// Where the log of connection state recovery outlives the process, what a handler has changed is written when it ends, and before its acknowledgement leaves; <see cref="ServerSocket.SaveAsync"/>
/// waits for it anywhere.
/// </summary>
public sealed class SocketData : IReadOnlyDictionary<string, EventArgument>
{
    private static readonly ImmutableDictionary<string, EventArgument> Empty = ImmutableDictionary.Create<string, EventArgument>(StringComparer.Ordinal);

    private readonly PacketParser _parser;
    private readonly ImmutableDictionary<string, EventArgument> _origin;
    private readonly bool _isFrozen;
    private ImmutableDictionary<string, EventArgument> _values;

    internal SocketData(PacketParser parser)
        : this(parser, Empty)
    {
    }

    private SocketData(PacketParser parser, ImmutableDictionary<string, EventArgument> values, bool isFrozen = false)
    {
        _isFrozen = isFrozen;
        _parser = parser;
        _origin = _values = values;
    }

    /// <summary>What another server has told of the data of one of its sockets: it can't be changed.</summary>
    internal static SocketData Frozen(PacketParser parser, IEnumerable<KeyValuePair<string, EventArgument>> values) => new(parser, Empty.SetItems(values), isFrozen: true);

    /// <summary>How many values there are.</summary>
    public int Count => _values.Count;

    /// <summary>The names of the values.</summary>
    public IEnumerable<string> Keys => _values.Keys;

    /// <summary>The values, undecoded.</summary>
    public IEnumerable<EventArgument> Values => _values.Values;

    /// <summary>A value, undecoded.</summary>
    /// <exception cref="KeyNotFoundException">There is no value of that name.</exception>
    public EventArgument this[string key] => _values[key];

    /// <summary>Sets a value; it is serialised now.</summary>
    /// <exception cref="NotSupportedException">The value's type can't be serialised.</exception>
    /// <exception cref="InvalidOperationException">This is the snapshot of a <see cref="RemoteSocket"/>, and so for all changes.</exception>
    public void Set(string key, object? value)
    {
        ThrowIfFrozen();
        ArgumentNullException.ThrowIfNull(key);
        var captured = _parser.Capture(value);
        ImmutableInterlocked.Update(ref _values, static (values, item) => values.SetItem(item.key, item.captured), (key, captured));
    }

    /// <summary>The value of that name as <typeparamref name="T"/>; default if there is none.</summary>
    /// <exception cref="System.Text.Json.JsonException">The value is of another shape.</exception>
    public T? Get<T>(string key) => _values.TryGetValue(key, out var value) ? value.Get<T>() : default;

    /// <summary>Whether there is a value of that name.</summary>
    public bool ContainsKey(string key) => _values.ContainsKey(key);

    /// <summary>Looks for a value, undecoded.</summary>
    public bool TryGetValue(string key, out EventArgument value) => _values.TryGetValue(key, out value);

    /// <summary>Removes a value; false if there was none.</summary>
    public bool Remove(string key)
    {
        ThrowIfFrozen();
        return ImmutableInterlocked.TryRemove(ref _values, key, out _);
    }

    /// <summary>Removes all values.</summary>
    public void Clear()
    {
        ThrowIfFrozen();
        _values = _values.Clear();
    }

    /// <summary>Another object whenever something has changed.</summary>
    internal object Version => _values;

    /// <summary>What another node has written down, in place of everything.</summary>
    internal void Restore(IEnumerable<(string Key, byte[] Value, byte[][] Attachments)> written) =>
        _values = Empty.AddRange(written.Select(item => KeyValuePair.Create(item.Key, _parser.FromCaptured(item.Value, [.. item.Attachments.Select(bytes => new ReadOnlyMemory<byte>(bytes))]))));

    /// <summary>A copy that can't be changed.</summary>
    internal SocketData Freeze() => new(_parser, _values, isFrozen: true);

    /// <summary>A copy of its own.</summary>
    internal SocketData Copy() => new(_parser, _values);

    /// <summary>Takes over what was changed in a copy since it was made, and nothing else.</summary>
    internal void TakeChanges(SocketData copy)
    {
        var (before, after) = (copy._origin, copy._values);
        if (ReferenceEquals(before, after))
            return;
        foreach (var key in before.Keys)
        {
            if (!after.ContainsKey(key))
                Remove(key);
        }
        foreach (var (key, value) in after)
        {
            if (!before.TryGetValue(key, out var former) || !former.Value.Equals(value.Value))
                ImmutableInterlocked.Update(ref _values, static (values, item) => values.SetItem(item.key, item.value), (key, value));
        }
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, EventArgument>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void ThrowIfFrozen()
    {
        if (_isFrozen)
            throw new InvalidOperationException("This is a snapshot of the data of a socket that may be on another server. A socket's data are changed by its own ServerSocket.Data.");
    }
}

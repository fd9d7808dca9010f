using System.Collections.Concurrent;
using System.Text;

namespace Holdfast.Peers;

/// <summary>Groups by name; they stay for as long as the server runs.</summary>
internal sealed class Rooms<T>
{
    private readonly ConcurrentDictionary<string, Group<T>> _groups = new(StringComparer.Ordinal);

    public Group<T> FindOrAdd(ReadOnlySpan<byte> name) => _groups.GetOrAdd(Encoding.UTF8.GetString(name), static _ => new());

    public Group<T>? Find(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[64];
        if (name.Length > text.Length)
            return _groups.GetValueOrDefault(Encoding.UTF8.GetString(name));
        var length = Encoding.UTF8.GetChars(name, text);
        return _groups.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out var group) ? group : null;
    }
}

namespace Holdfast.Peers;

internal enum ClientMessageKind
{
    Other,
    Ping,
    Connect,
    Disconnect,
    Echo,
    Broadcast,
    Join,
    Room,
}

/// <summary>
/// A message of a benchmark's client, told by its first bytes. What follows them is taken on trust: it is compact JSON without escapes in strings, as the load generator writes it.
/// </summary>
internal readonly ref struct ClientMessage
{
    public ClientMessageKind Kind { get; private init; }

    /// <summary>The digits of the id under which an answer is wanted; empty when none is.</summary>
    public ReadOnlySpan<byte> AckId { get; private init; }

    /// <summary>The name of the room, without its quotes.</summary>
    public ReadOnlySpan<byte> Room { get; private init; }

    /// <summary>What is passed on: JSON, without the bracket that closes the packet.</summary>
    public ReadOnlySpan<byte> Arguments { get; private init; }

    public static ClientMessage Read(ReadOnlySpan<byte> message) => message switch
    {
        [(byte)'4', (byte)'2', .. var packet] => ReadEvent(packet),
        [(byte)'4', (byte)'0', ..] => new() { Kind = ClientMessageKind.Connect },
        [(byte)'4', (byte)'1', ..] => new() { Kind = ClientMessageKind.Disconnect },
        [(byte)'2', ..] => new() { Kind = ClientMessageKind.Ping },
        _ => default,
    };

    private static ClientMessage ReadEvent(ReadOnlySpan<byte> packet)
    {
        var digits = 0;
        while (digits < packet.Length && packet[digits] is >= (byte)'0' and <= (byte)'9')
            digits++;
        var id = packet[..digits];
        var json = packet[digits..];
        if (json is not [.., (byte)']'])
            return default;
        if (json.StartsWith("[\"echo\","u8))
            return new() { Kind = ClientMessageKind.Echo, AckId = id, Arguments = json[8..^1] };
        if (json.StartsWith("[\"broadcast\","u8))
            return new() { Kind = ClientMessageKind.Broadcast, Arguments = json[13..^1] };
        if (json.StartsWith("[\"join\",\""u8) && json.Length > 11)
            return new() { Kind = ClientMessageKind.Join, AckId = id, Room = json[9..^2] };
        if (!json.StartsWith("[\"room\",\""u8) || json[9..].IndexOf((byte)'"') is not (>= 0 and var length) || json.Length < length + 12)
            return default;
        return new() { Kind = ClientMessageKind.Room, Room = json.Slice(9, length), Arguments = json[(length + 11)..^1] };
    }
}

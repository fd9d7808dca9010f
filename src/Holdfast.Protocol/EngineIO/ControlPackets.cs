using System.Text.Json;

namespace Holdfast.Protocol;

/// <summary>
/// The Engine.IO packets that are no messages, in the same form as messages, so that an outbox holds one kind of thing. They never
/// change and are shared by all sessions.
/// </summary>
internal static class ControlPackets
{
    public static readonly EncodedPacket Close = Text("1"u8);
    public static readonly EncodedPacket Ping = Text("2"u8);
    public static readonly EncodedPacket Pong = Text("3"u8);
    public static readonly EncodedPacket PongProbe = Text("3probe"u8);
    public static readonly EncodedPacket Upgrade = Text("5"u8);
    public static readonly EncodedPacket Noop = Text("6"u8);

    /// <summary>The first packet of a session. Clients expect these five keys and no other; durations in whole milliseconds.</summary>
    public static EncodedPacket Open(
        string sessionId, ReadOnlySpan<string> upgrades, TimeSpan pingInterval, TimeSpan pingTimeout, long maxPayload)
    {
        using var stream = new MemoryStream();
        stream.WriteByte((byte)'0');
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("sid"u8, sessionId);
            json.WriteStartArray("upgrades"u8);
            foreach (var upgrade in upgrades)
            {
                json.WriteStringValue(upgrade);
            }

            json.WriteEndArray();
            json.WriteNumber("pingInterval"u8, (long)pingInterval.TotalMilliseconds);
            json.WriteNumber("pingTimeout"u8, (long)pingTimeout.TotalMilliseconds);
            json.WriteNumber("maxPayload"u8, maxPayload);
            json.WriteEndObject();
        }

        return new EncodedPacket(stream.ToArray());
    }

    private static EncodedPacket Text(ReadOnlySpan<byte> text) => new(text.ToArray());
}

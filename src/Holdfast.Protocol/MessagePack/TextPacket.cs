using System.Text.Json;

namespace Holdfast.Protocol;

/// <summary>
/// What the MessagePack parser of Socket.IO 2 writes as JSON text, <c>{"type":0,"nsp":"/chat"}</c>: its CONNECT and DISCONNECT. It reads everything that comes from here as MessagePack. With its server it
/// has its errors in text as well, which no client sends.
/// </summary>
internal static class TextPacket
{
    /// <exception cref="ProtocolException">It is no such packet.</exception>
    public static Packet Read(ReadOnlySpan<byte> text)
    {
        try
        {
            return ReadFields(text);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            throw new ProtocolException("text instead of MessagePack");
        }
    }

    private static Packet ReadFields(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        PacketType? type = null;
        string? nsp = null;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException();
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                type = type is null && reader.TryGetInt32(out var number) && number is (int)PacketType.Connect or (int)PacketType.Disconnect
                    ? (PacketType)number
                    : throw new JsonException();
            }
            else if (reader.ValueTextEquals("nsp"u8))
            {
                reader.Read();
                nsp = nsp is null && reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= PacketRules.MaxNamespaceBytes
                    ? PacketRules.Namespace(reader.GetString()!)
                    : throw new JsonException();
            }
            else
            {
                // Options, and what stands behind the namespace as well.
                reader.Skip();
            }
        }

        // Nothing may follow, which the reader checks.
        reader.Read();
        return type is { } known && nsp is not null ? new Packet(known, nsp) : throw new JsonException();
    }
}

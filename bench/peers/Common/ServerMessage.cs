using System.Buffers.Text;
using System.Security.Cryptography;

namespace Holdfast.Peers;

/// <summary>What a server says to a benchmark's client: each method writes one message and answers with its length.</summary>
internal static class ServerMessage
{
    /// <summary>How much longer than the client's message the one that it leads to may be: those that lead to a fixed one count with its whole length.</summary>
    public const int Reserve = 128;

    // No ping within a day: nobody here would notice a client that is silent.
    public static int WriteOpen(Span<byte> to)
    {
        var id = SessionId();
        return Write(to, "0{\"sid\":\""u8, id, "\",\"upgrades\":[],\"pingInterval\":86400000,\"pingTimeout\":20000,\"maxPayload\":1000000}"u8);
    }

    public static int WriteConnect(Span<byte> to) => Write(to, "40{\"sid\":\""u8, SessionId(), "\"}"u8);

    public static int WriteEcho(Span<byte> to, in ClientMessage message) => message.AckId.IsEmpty
        ? Write(to, "42[\"echo\","u8, message.Arguments, "]"u8)
        : WriteAck(to, message.AckId, message.Arguments);

    public static int WriteAck(Span<byte> to, ReadOnlySpan<byte> id, ReadOnlySpan<byte> arguments)
    {
        var length = Write(to, "43"u8, id, "["u8);
        return length + Write(to[length..], arguments, "]"u8, []);
    }

    public static int WriteBroadcast(Span<byte> to, in ClientMessage message) => Write(to, "42[\"broadcast\","u8, message.Arguments, "]"u8);

    public static int WriteRoom(Span<byte> to, in ClientMessage message) => Write(to, "42[\"room\","u8, message.Arguments, "]"u8);

    private static byte[] SessionId()
    {
        var id = new byte[20];
        Base64Url.EncodeToUtf8(RandomNumberGenerator.GetBytes(15), id);
        return id;
    }

    private static int Write(Span<byte> to, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        first.CopyTo(to);
        second.CopyTo(to[first.Length..]);
        third.CopyTo(to[(first.Length + second.Length)..]);
        return first.Length + second.Length + third.Length;
    }
}

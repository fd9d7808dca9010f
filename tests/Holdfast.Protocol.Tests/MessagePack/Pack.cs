using System.Text;

namespace Holdfast.Protocol.Tests.MessagePack;

/// <summary>
/// MessagePack that a reader can read: bytes in hex, and short texts in quotes with their header: <c>82 'type' 02 'nsp' '/'</c>.
/// </summary>
internal static class Pack
{
    public static readonly MessagePackParser Parser = new();

    public static byte[] Bytes(string notation)
    {
        var bytes = new List<byte>();
        foreach (var word in Words(notation))
        {
            if (word[0] == '\'')
            {
                var text = Encoding.UTF8.GetBytes(word[1..^1]);
                Assert.InRange(text.Length, 0, 31);
                bytes.Add((byte)(0xA0 | text.Length));
                bytes.AddRange(text);
            }
            else
            {
                bytes.AddRange(Convert.FromHexString(word));
            }
        }

        return [.. bytes];
    }

    /// <summary>The one binary message that every packet is.</summary>
    public static byte[] Message(EncodedPacket packet)
    {
        Assert.True(packet.Text.IsEmpty);
        return Assert.Single(packet.Attachments).ToArray();
    }

    public static byte[] Event(params object?[] args) => Message(Parser.EncodeEvent("/", -1, "x", args));

    /// <summary>An event that carries this one argument.</summary>
    public static byte[] EventOf(string notation) => [.. Bytes("83 'type' 02 'nsp' '/' 'data' 92 'x'"), .. Bytes(notation)];

    public static Packet Decode(byte[] message)
    {
        Assert.True(Parser.CreateDecoder(1_000_000).TryRead(message, isBinary: true, out var packet));
        return packet;
    }

    public static Packet Decode(string notation) => Decode(Bytes(notation));

    /// <summary>The first argument of an event that carries this value.</summary>
    public static EventArgument Argument(string notation) => Decode(EventOf(notation)).Arguments[0];

    public static string Refuse(byte[] message, bool isBinary = true) =>
        Assert.Throws<ProtocolException>(() => Parser.CreateDecoder(1_000_000).TryRead(message, isBinary, out _)).Message;

    private static IEnumerable<string> Words(string notation)
    {
        for (var at = 0; at < notation.Length;)
        {
            if (notation[at] == ' ')
            {
                at++;
                continue;
            }

            var end = notation[at] == '\'' ? notation.IndexOf('\'', at + 1) + 1 : notation.IndexOf(' ', at);
            end = end <= 0 ? notation.Length : end;
            yield return notation[at..end];
            at = end;
        }
    }
}

using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace Holdfast.Sockets;

// Clients of Engine.IO 3 speak the Socket.IO of that time: they are in the main namespace from the start, what they have to say for themselves stands behind the name of the namespace,
// as in a URL, and they make the id of a socket out of the id of the connection.
internal sealed partial class Connection
{
    private const string MainNamespace = "/";

    /// <summary>So many values may stand behind a namespace's name.</summary>
    private const int MaxQueryValues = 100;

    private bool _isInMain;

    private bool IsThree => Engine.Protocol == 3;

    /// <summary>Such a client sends no CONNECT for the main namespace, and waits for the answer to it.</summary>
    public void JoinMain() => _ = Connect(MainNamespace, default, 0).AsTask(); // it is always there, so nobody has to be asked

    /// <summary>The answer that nobody has asked for belongs to the handshake: it goes behind it, however little the outbox may hold. Later ones have to be read.</summary>
    private bool IsJoiningMain(ServerSocket socket) => IsThree && !_isInMain && socket.Namespace.Name == MainNamespace;

    private ValueTask ConnectWithQuery(string ns, string query, int size)
    {
        EventArgument auth;
        try
        {
            auth = ReadAuth(query);
        }
        catch (ProtocolException malformed)
        {
            Malformed(malformed);
            return default;
        }
        return Connect(ns, auth, size);
    }

    /// <summary>The name of the namespace, and what was said with it; every other client's packets have just the name.</summary>
    private static string NameOf(string ns, out string query)
    {
        var mark = ns.IndexOf('?', StringComparison.Ordinal);
        query = mark < 0 ? "" : ns[mark..];
        return mark < 0 ? ns : ns[..mark];
    }

    /// <summary>An object of texts; of several values of one name the last counts.</summary>
    /// <exception cref="ProtocolException">There are too many of them.</exception>
    private EventArgument ReadAuth(string query)
    {
        if (query.Length <= 1)
            return default;
        var auth = new JsonObject();
        var left = MaxQueryValues;
        foreach (var pair in new QueryStringEnumerable(query))
        {
            if (left-- == 0)
                throw new ProtocolException("too many values behind the namespace");
            auth[pair.DecodeName().ToString()] = pair.DecodeValue().ToString();
        }
        return _server.Parser.Capture(auth);
    }

    private string IdOfThree(string ns) => ns == MainNamespace ? Engine.Id : $"{ns}#{Engine.Id}";

    private EncodedPacket EncodeRefusal(string ns, string message, object? details) =>
        IsThree ? _server.Parser.EncodeOlderConnectError(ns, message, details) : _server.Parser.EncodeConnectError(ns, message, details);
}

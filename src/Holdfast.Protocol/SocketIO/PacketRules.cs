using System.Text;

namespace Holdfast.Protocol;

/// <summary>What a packet must keep to in every format: it comes from the network.</summary>
internal static class PacketRules
{
    /// <summary>The largest integer that JavaScript counts to; ids beyond it can't come from a client that counts.</summary>
    public const long MaxAckId = (1L << 53) - 1;

    public const int MaxNamespaceBytes = 1024;

    /// <summary>A connection remembers the name of its last event, but no longer one: an idle connection must not keep a megabyte.</summary>
    public const int MaxKeptName = 256;

    /// <exception cref="ProtocolException">That is no name of a namespace.</exception>
    public static string Namespace(string nsp)
    {
        ArgumentNullException.ThrowIfNull(nsp);
        if (nsp.Length == 0 || nsp[0] != '/')
        {
            throw new ProtocolException("invalid namespace");
        }

        if (nsp.Length > MaxNamespaceBytes || Encoding.UTF8.GetByteCount(nsp) > MaxNamespaceBytes)
        {
            throw new ProtocolException("the namespace is too long");
        }

        // The answer repeats the name. A control character in it could be the separator of a polling payload.
        foreach (var character in nsp)
        {
            if (character < ' ')
            {
                throw new ProtocolException("control character in the namespace");
            }
        }

        return nsp;
    }

    /// <exception cref="ProtocolException">That is no id.</exception>
    public static long AckId(long id) => id switch
    {
        < 0 => throw new ProtocolException("invalid ack id"),
        > MaxAckId => throw new ProtocolException("the ack id is too large"),
        _ => id,
    };

    /// <summary>The names that both ends use for themselves would let a peer raise the application's own events.</summary>
    /// <exception cref="ProtocolException">The name is reserved.</exception>
    public static string EventName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Protocol.EventName.IsReserved(name) ? throw new ProtocolException("reserved event name") : name;
    }
}

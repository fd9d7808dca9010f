using Holdfast.Recovery;
using Microsoft.Extensions.Primitives;

namespace Holdfast.Cluster;

/// <summary>A socket as other servers are told of it. The headers by which its client shows who it is stay on its own server: what is written down for others may be read by more than those.</summary>
internal static class SocketCodec
{
    /// <summary>What is left out of what other servers are told, whatever the bus.</summary>
    public static bool IsCredential(string header) =>
        header.Equals("Cookie", StringComparison.OrdinalIgnoreCase)
        || header.Equals("Authorization", StringComparison.OrdinalIgnoreCase)
        || header.Equals("Proxy-Authorization", StringComparison.OrdinalIgnoreCase);

    public static void Write(RecordWriter record, FetchedSocket socket)
    {
        record.Text(socket.Id);
        Write(record, socket.Handshake);
        record.Texts(socket.Rooms);
        record.Number(socket.Data.Count);
        foreach (var (key, value) in socket.Data)
        {
            record.Text(key);
            ClusterCodec.Write(record, value);
        }
    }

    public static FetchedSocket Read(ref RecordReader record, PacketParser parser)
    {
        var id = record.Text();
        var handshake = ReadHandshake(ref record, parser);
        var rooms = record.Texts();
        List<KeyValuePair<string, EventArgument>> data = [];
        for (var left = record.Count(); left > 0; left--)
            data.Add(KeyValuePair.Create(record.Text(), ClusterCodec.ReadValue(ref record, parser)));
        return new FetchedSocket(id, handshake, rooms, SocketData.Frozen(parser, data));
    }

    private static void Write(RecordWriter record, Handshake handshake)
    {
        var headers = handshake.Headers.Where(header => !IsCredential(header.Key)).ToArray();
        record.Number(headers.Length);
        foreach (var (name, values) in headers)
        {
            record.Text(name);
            record.Texts([.. values.Select(value => value ?? "")]);
        }
        record.Text(handshake.Address);
        record.Text(handshake.Url);
        record.Text(handshake.QueryString.Value ?? "");
        record.Byte((byte)((handshake.Secure ? 1 : 0) | (handshake.CrossDomain ? 2 : 0)));
        record.Number(handshake.Issued.UtcTicks);
        ClusterCodec.Write(record, handshake.Auth);
    }

    private static Handshake ReadHandshake(ref RecordReader record, PacketParser parser)
    {
        List<KeyValuePair<string, StringValues>> headers = [];
        for (var left = record.Count(); left > 0; left--)
            headers.Add(KeyValuePair.Create(record.Text(), new StringValues(record.Texts())));
        var (address, url, query) = (record.Text(), record.Text(), record.Text());
        var flags = record.Byte();
        var issued = record.Number();
        if (issued > DateTime.MaxValue.Ticks || (query.Length > 0 && query[0] != '?'))
            throw new InvalidDataException("That is no handshake.");
        return Handshake.Elsewhere([.. headers], address, url, query, (flags & 1) != 0, (flags & 2) != 0, new DateTimeOffset(issued, TimeSpan.Zero), ClusterCodec.ReadValue(ref record, parser));
    }
}

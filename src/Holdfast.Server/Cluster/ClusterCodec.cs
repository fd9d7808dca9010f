using System.Diagnostics;
using Holdfast.Adapters;
using Holdfast.Recovery;

namespace Holdfast.Cluster;

/// <summary>The form of messages in a log whose form is ours: the number of the type, the namespace, and what the type has, in the order of its declaration.</summary>
internal static class ClusterCodec
{
    private const byte Volatile = 1;
    private const byte Compress = 2;

    public static void Write(RecordWriter record, ClusterMessage message)
    {
        record.Byte((byte)message.Type);
        record.Text(message.Namespace);
        switch (message)
        {
            case PresenceMessage:
                break;
            case BroadcastMessage broadcast:
                Write(record, broadcast.Target);
                record.Text(broadcast.EventName);
                Write(record, broadcast.Arguments);
                record.OptionalText(broadcast.RequestId);
                break;
            case ClientCountMessage count:
                record.Text(count.RequestId);
                record.Number(count.Count);
                break;
            case ClientAnswerMessage answer:
                record.Text(answer.RequestId);
                WriteFlag(record, answer.Answer is not null);
                if (answer.Answer is not null)
                    Write(record, answer.Answer);
                break;
            case RoomsMessage rooms:
                Write(record, rooms.Target);
                record.Texts(rooms.Rooms);
                break;
            case DisconnectMessage disconnect:
                Write(record, disconnect.Target);
                WriteFlag(record, disconnect.Close);
                break;
            case FetchMessage fetch:
                Write(record, fetch.Target);
                record.Text(fetch.RequestId);
                break;
            case FetchedMessage fetched:
                record.Text(fetched.RequestId);
                record.Number(fetched.Sockets.Count);
                foreach (var socket in fetched.Sockets)
                    SocketCodec.Write(record, socket);
                WriteFlag(record, fetched.IsLast);
                break;
            case ServerSideMessage said:
                record.Text(said.EventName);
                Write(record, said.Arguments);
                record.OptionalText(said.RequestId);
                break;
            case ServerSideAnswerMessage answer:
                record.Text(answer.RequestId);
                WriteFlag(record, answer.Answer is not null);
                if (answer.Answer is { } value)
                    Write(record, value);
                break;
            case SessionMessage asked:
                record.Text(asked.Id);
                record.Number(asked.Fence);
                record.Text(asked.RequestId);
                break;
            case SessionAnswerMessage answer:
                record.Text(answer.RequestId);
                WriteFlag(record, answer.Known is not null);
                answer.Known?.Write(record);
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <exception cref="InvalidDataException">That is no message.</exception>
    public static ClusterMessage Read(ref RecordReader record, PacketParser parser)
    {
        var type = (ClusterMessageType)record.Byte();
        var ns = record.Text();
        return type switch
        {
            ClusterMessageType.InitialHeartbeat or ClusterMessageType.Heartbeat or ClusterMessageType.AdapterClose => new PresenceMessage(type),
            ClusterMessageType.Broadcast => new BroadcastMessage(ns, ReadTarget(ref record), record.Text(), ReadArguments(ref record, parser), record.OptionalText()),
            ClusterMessageType.BroadcastClientCount => new ClientCountMessage(ns, record.Text(), ReadCount(ref record)),
            ClusterMessageType.BroadcastAck => new ClientAnswerMessage(ns, record.Text(), record.Byte() == 0 ? null : ReadArguments(ref record, parser)),
            ClusterMessageType.SocketsJoin or ClusterMessageType.SocketsLeave => new RoomsMessage(ns, ReadTarget(ref record), record.Texts(), type == ClusterMessageType.SocketsJoin),
            ClusterMessageType.DisconnectSockets => new DisconnectMessage(ns, ReadTarget(ref record), record.Byte() != 0),
            ClusterMessageType.FetchSockets => new FetchMessage(ns, ReadTarget(ref record), record.Text()),
            ClusterMessageType.FetchSocketsResponse => new FetchedMessage(ns, record.Text(), ReadSockets(ref record, parser), record.Byte() != 0),
            ClusterMessageType.ServerSideEmit => new ServerSideMessage(ns, record.Text(), ReadArguments(ref record, parser), record.OptionalText()),
            ClusterMessageType.ServerSideEmitResponse => new ServerSideAnswerMessage(ns, record.Text(), record.Byte() == 0 ? null : ReadValue(ref record, parser)),
            ClusterMessageType.Session => new SessionMessage(ns, record.Text(), record.Number(), record.Text()),
            ClusterMessageType.SessionResponse => new SessionAnswerMessage(ns, record.Text(), record.Byte() == 0 ? null : SessionRecord.Read(ref record)),
            _ => throw new InvalidDataException($"There is no message of type {(byte)type}."),
        };
    }

    public static void Write(RecordWriter record, EventArgument value)
    {
        record.Bytes(value.Value.Span);
        record.Number(value.Attachments.Length);
        foreach (var attachment in value.Attachments)
            record.Bytes(attachment.Span);
    }

    public static EventArgument ReadValue(ref RecordReader record, PacketParser parser)
    {
        var value = record.Bytes();
        var attachments = new ReadOnlyMemory<byte>[record.Count()];
        for (var i = 0; i < attachments.Length; i++)
            attachments[i] = record.Bytes();
        return value.Length == 0 ? default : parser.FromCaptured(value, attachments);
    }

    private static void Write(RecordWriter record, EventArguments arguments)
    {
        record.Number(arguments.Count);
        foreach (var argument in arguments)
            Write(record, argument);
    }

    private static EventArguments ReadArguments(ref RecordReader record, PacketParser parser)
    {
        // A list that grows: the number may be a lie, and each of them is larger here than there.
        List<EventArgument> arguments = [];
        for (var left = record.Count(); left > 0; left--)
            arguments.Add(ReadValue(ref record, parser));
        return arguments.Count == 0 ? EventArguments.Empty : new EventArguments([.. arguments]);
    }

    private static void Write(RecordWriter record, BroadcastTarget target)
    {
        record.Texts(target.Rooms);
        record.Texts(target.Except);
        record.Byte((byte)((target.Volatile ? Volatile : 0) | (target.Compress ? Compress : 0)));
        var limit = target.Timeout is { } timeout && timeout >= TimeSpan.Zero ? (long)timeout.TotalMilliseconds + 1 : 0;
        record.Number(limit);
    }

    private static BroadcastTarget ReadTarget(ref RecordReader record)
    {
        var (rooms, except, flags, limit) = (record.Texts(), record.Texts(), record.Byte(), record.Number());
        if (limit > int.MaxValue)
            throw new InvalidDataException("Nobody waits that long for an answer.");
        return new BroadcastTarget
        {
            Rooms = rooms,
            Except = except,
            Volatile = (flags & Volatile) != 0,
            Compress = (flags & Compress) != 0,
            Timeout = limit == 0 ? null : TimeSpan.FromMilliseconds(limit - 1),
        };
    }

    private static List<FetchedSocket> ReadSockets(ref RecordReader record, PacketParser parser)
    {
        List<FetchedSocket> sockets = [];
        for (var left = record.Count(); left > 0; left--)
            sockets.Add(SocketCodec.Read(ref record, parser));
        return sockets;
    }

    private static int ReadCount(ref RecordReader record) =>
        record.Number() is var count && count <= int.MaxValue ? (int)count : throw new InvalidDataException("No server has that many sockets.");

    private static void WriteFlag(RecordWriter record, bool flag) => record.Byte(flag ? (byte)1 : (byte)0);
}

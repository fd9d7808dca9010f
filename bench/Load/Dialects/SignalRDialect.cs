using System.Text;
using Holdfast.Load.Wire;

namespace Holdfast.Load.Dialects;

/// <summary>SignalR's JSON protocol over a WebSocket without negotiation. An ack is the completion of an invocation.</summary>
internal sealed class SignalRDialect : Dialect
{
    public override string Path => "/hub";

    public override void Upgraded(Client client) => Connect(client);

    public override void Connect(Client client) => client.Send("{\"protocol\":\"json\",\"version\":1}\x1e"u8);

    public override void Read(Client client, ReadOnlySpan<byte> message)
    {
        while (message.Length > 0)
        {
            var end = message.IndexOf((byte)0x1e);
            if (end < 0)
                throw new InvalidOperationException("a record of SignalR has no end");
            ReadRecord(client, message[..end]);
            message = message[(end + 1)..];
        }
    }

    public override void Echo(Client client, int id, ReadOnlySpan<byte> argument) =>
        client.Send(new Text(stackalloc byte[Text.Longest])
            .Add("{\"type\":1,\"invocationId\":\""u8).Add(id).Add("\",\"target\":\"Echo\",\"arguments\":[\""u8).Add(argument).Add("\"]}\x1e"u8).Written);

    public override void Broadcast(Client client, ReadOnlySpan<byte> argument) =>
        client.Send(new Text(stackalloc byte[Text.Longest]).Add("{\"type\":1,\"target\":\"Broadcast\",\"arguments\":[\""u8).Add(argument).Add("\"]}\x1e"u8).Written);

    public override void Join(Client client, int id, ReadOnlySpan<byte> room) =>
        client.Send(new Text(stackalloc byte[Text.Longest])
            .Add("{\"type\":1,\"invocationId\":\""u8).Add(id).Add("\",\"target\":\"Join\",\"arguments\":[\""u8).Add(room).Add("\"]}\x1e"u8).Written);

    public override void Room(Client client, ReadOnlySpan<byte> room, ReadOnlySpan<byte> argument) =>
        client.Send(new Text(stackalloc byte[Text.Longest])
            .Add("{\"type\":1,\"target\":\"Room\",\"arguments\":[\""u8).Add(room).Add("\",\""u8).Add(argument).Add("\"]}\x1e"u8).Written);

    private static void ReadRecord(Client client, ReadOnlySpan<byte> record)
    {
        if (record.SequenceEqual("{}"u8))
        {
            client.Ready();
            return;
        }
        Text.Skip(ref record, "{\"type\":"u8);
        switch (Text.TakeNumber(ref record))
        {
            case 1:
                Text.Skip(ref record, ",\"target\":"u8);
                var name = Text.TakeString(ref record);
                Text.Skip(ref record, ",\"arguments\":["u8);
                client.Event(name, Text.TakeString(ref record), default);
                break;
            case 3:
                ReadCompletion(client, record);
                break;
            case 6: // a ping; ours keeps the server from ending a client that says nothing
                client.Send("{\"type\":6}\x1e"u8);
                break;
            default:
                throw new InvalidOperationException($"not understood: {Encoding.UTF8.GetString(record)}");
        }
    }

    private static void ReadCompletion(Client client, ReadOnlySpan<byte> record)
    {
        Text.Skip(ref record, ",\"invocationId\":\""u8);
        var id = Text.TakeNumber(ref record);
        Text.Skip(ref record, "\""u8);
        if (record.StartsWith(",\"error\""u8))
            throw new InvalidOperationException($"an invocation has failed: {Encoding.UTF8.GetString(record)}");
        if (!record.StartsWith(",\"result\":\""u8))
        {
            client.Acked(id, default);
            return;
        }
        Text.Skip(ref record, ",\"result\":"u8);
        client.Acked(id, Text.TakeString(ref record));
    }
}

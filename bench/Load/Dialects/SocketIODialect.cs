using System.Text;
using System.Text.Json;
using Holdfast.Load.Wire;

namespace Holdfast.Load.Dialects;

/// <summary>Socket.IO protocol 5 over Engine.IO 4: <c>427["echo","abc"]</c> and its kin.</summary>
internal sealed class SocketIODialect : Dialect
{
    public override string Path => "/socket.io/?EIO=4&transport=websocket";

    public override void Upgraded(Client client)
    {
        // The server speaks first: 0{...}
    }

    public override void Connect(Client client)
    {
        if (client.PrivateId.Length == 0)
            client.Send("40"u8);
        else
        {
            var text = new Text(stackalloc byte[Text.Longest]).Add("40{\"pid\":\""u8).Add(Encoding.UTF8.GetBytes(client.PrivateId)).Add("\""u8);
            client.Send((client.Offset.IsEmpty ? text : text.Add(",\"offset\":\""u8).Add(client.Offset).Add("\""u8)).Add("}"u8).Written);
        }
    }

    public override void Leave(Client client) => client.Send("41"u8);

    public override void Read(Client client, ReadOnlySpan<byte> message)
    {
        switch (message.Length > 1 && message[0] == '4' ? message[1] : message[0])
        {
            case (byte)'3' when message[0] == '4':
                ReadAck(client, message[2..]);
                break;
            case (byte)'2' when message[0] == '4':
                ReadEvent(client, message[2..]);
                break;
            case (byte)'2': // a ping
                client.Send("3"u8);
                break;
            case (byte)'0' when message[0] == '4':
                ReadConnect(client, message[2..]);
                break;
            case (byte)'0':
                client.Greeted();
                break;
            default:
                throw new InvalidOperationException($"not understood: {Encoding.UTF8.GetString(message)}");
        }
    }

    public override void Echo(Client client, int id, ReadOnlySpan<byte> argument) =>
        client.Send(new Text(stackalloc byte[Text.Longest]).Add("42"u8).Add(id).Add("[\"echo\",\""u8).Add(argument).Add("\"]"u8).Written);

    public override void Broadcast(Client client, ReadOnlySpan<byte> argument) =>
        client.Send(new Text(stackalloc byte[Text.Longest]).Add("42[\"broadcast\",\""u8).Add(argument).Add("\"]"u8).Written);

    public override void Join(Client client, int id, ReadOnlySpan<byte> room) =>
        client.Send(new Text(stackalloc byte[Text.Longest]).Add("42"u8).Add(id).Add("[\"join\",\""u8).Add(room).Add("\"]"u8).Written);

    public override void Room(Client client, ReadOnlySpan<byte> room, ReadOnlySpan<byte> argument) =>
        client.Send(new Text(stackalloc byte[Text.Longest]).Add("42[\"room\",\""u8).Add(room).Add("\",\""u8).Add(argument).Add("\"]"u8).Written);

    private static void ReadConnect(Client client, ReadOnlySpan<byte> message)
    {
        var json = new Utf8JsonReader(message);
        using var answer = JsonDocument.ParseValue(ref json);
        client.Id = answer.RootElement.GetProperty("sid").GetString()!;
        client.PrivateId = answer.RootElement.TryGetProperty("pid", out var pid) ? pid.GetString()! : "";
        client.Ready();
    }

    private static void ReadEvent(Client client, ReadOnlySpan<byte> message)
    {
        Text.Skip(ref message, "["u8);
        var name = Text.TakeString(ref message);
        var argument = TakeNext(ref message);
        var offset = TakeNext(ref message);
        Text.Skip(ref message, "]"u8);
        client.Event(name, argument, offset);
    }

    private static void ReadAck(Client client, ReadOnlySpan<byte> message)
    {
        var id = Text.TakeNumber(ref message);
        Text.Skip(ref message, "["u8);
        var argument = message[0] == ']' ? default : Text.TakeString(ref message);
        Text.Skip(ref message, "]"u8);
        client.Acked(id, argument);
    }

    private static ReadOnlySpan<byte> TakeNext(ref ReadOnlySpan<byte> message)
    {
        if (message[0] != ',')
            return default;
        message = message[1..];
        return Text.TakeString(ref message);
    }
}

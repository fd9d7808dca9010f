using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;

namespace Holdfast.Adapters.Tests;

// Another parser than the default one.
public abstract partial class ClusterContract
{
    [Fact]
    public async Task Servers_whose_clients_speak_MessagePack_understand_each_other()
    {
        var near = await StartAsync(options: Speak);
        var far = await StartAsync(
            io =>
            {
                io.OnConnection(socket => socket.Data.Set("bytes", new byte[] { 7 }));
                io.OnServerSideEmit("twice", (byte[] bytes) => bytes.Concat(bytes).ToArray());
            },
            Speak);
        var parser = new MessagePackParser();
        using var peer = await far.OpenAsync();
        await peer.SendBinaryAsync(parser.EncodeConnectRequest("/", new { token = "t" }).BinaryMessages[0].ToArray());
        var id = (await ReadAsync(peer, parser)).Payload.Get<Dictionary<string, string>>()!["sid"];
        await Waiting.Until(() => far.Io.Sockets.FindSocket(id)?.Data.Count == 1);

        await near.Io.EmitAsync("hello", "text", new byte[] { 1, 2 });
        var hello = await ReadAsync(peer, parser);
        Assert.Equal(("hello", "text"), (hello.EventName, hello.Arguments.Get<string>(0)));
        Assert.Equal([1, 2], hello.Arguments.Get<byte[]>(1)!);

        var asked = near.Io.EmitWithAckAsync<byte[]>("question", new { bytes = new byte[] { 3 } });
        var question = await ReadAsync(peer, parser);
        Assert.Equal([3], question.Arguments.Get<Dictionary<string, byte[]>>(0)!["bytes"]);
        await peer.SendBinaryAsync(parser.EncodeAck("/", question.AckId, [new byte[] { 4 }]).BinaryMessages[0].ToArray());
        Assert.Equal([4], Assert.Single((await asked.Within()).Responses));

        var found = Assert.Single(await near.Io.FetchSocketsAsync().Within());
        Assert.Equal([7], found.Data.Get<byte[]>("bytes")!);
        Assert.Equal("t", found.Handshake.Auth.Get<Dictionary<string, string>>()!["token"]);
        Assert.Equal([5, 6, 5, 6], Assert.Single((await near.Io.ServerSideEmitWithAckAsync<byte[]>("twice", new byte[] { 5, 6 }).Within()).Responses));

        static void Speak(SocketIOOptions options) => options.Parser = new MessagePackParser();
    }

    private static async Task<Packet> ReadAsync(Peer peer, MessagePackParser parser)
    {
        Assert.True(parser.CreateDecoder(1_000_000).TryRead(Convert.FromHexString(await peer.ReadAsync()), isBinary: true, out var packet));
        return packet;
    }
}

using Holdfast.Cluster;
using Holdfast.Protocol;
using Holdfast.Recovery;
using Microsoft.Extensions.Primitives;

namespace Holdfast.Adapters.Tests;

/// <summary>Messages in the form that they have in a log.</summary>
public sealed class ClusterCodecTests
{
    private static readonly PacketParser s_json = new JsonPacketParser();
    private static readonly PacketParser s_messagePack = new MessagePackParser();

    public static TheoryData<bool> Parsers { get; } = [false, true];

    [Fact]
    public void A_message_has_these_bytes()
    {
        // 9: an event between servers; "/"; "hi"; one argument of three bytes without attachments; a question with the id "q".
        Assert.Equal("09012F02686901033432300001" + "0171", Written(new ServerSideMessage("/", "hi", Captured(s_json, 420), "q")));
        // 3: a broadcast to "a" but not to "b", which may be compressed, without limit.
        Assert.Equal("03012F010161010162020002686900" + "00", Written(new BroadcastMessage("/", BroadcastTarget.Everyone.To("a").Without("b"), "hi", EventArguments.Empty, null)));
        // 11: 300 clients have been asked.
        Assert.Equal("0B012F0171AC02", Written(new ClientCountMessage("/", "q", 300)));
        // 64: how does the session "s" stand, which was claimed at 300?
        Assert.Equal("40012F0173AC020171", Written(new SessionMessage("/", "s", 300, "q")));
        // 65: nobody knows.
        Assert.Equal("41012F017100", Written(new SessionAnswerMessage("/", "q", null)));
    }

    [Theory]
    [MemberData(nameof(Parsers))]
    public void What_was_written_is_read(bool messagePack)
    {
        var parser = messagePack ? s_messagePack : s_json;
        foreach (var message in Messages(parser))
        {
            var read = Read(Convert.FromHexString(Written(message)), parser);
            Assert.Equal(message.GetType(), read.GetType());
            Assert.Equal((message.Type, message.Namespace), (read.Type, read.Namespace));
            Assert.Equal(Written(message), Written(read));
        }
        Assert.Equal(15, Messages(parser).Select(message => message.Type).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Parsers))]
    public void Values_are_what_they_were(bool messagePack)
    {
        var parser = messagePack ? s_messagePack : s_json;
        var message = new ServerSideMessage("/", "e", Captured(parser, "text", null, new { bytes = new byte[] { 1, 2 }, n = 1.5 }, new byte[] { 3 }), null);
        var read = (ServerSideMessage)Read(Convert.FromHexString(Written(message)), parser);
        Assert.Equal("text", read.Arguments.Get<string>(0));
        Assert.True(read.Arguments[1].IsNull);
        var nested = read.Arguments.Get<Nested>(2)!;
        Assert.Equal([1, 2], nested.Bytes);
        Assert.Equal(1.5, nested.N);
        Assert.Equal([3], read.Arguments.Get<byte[]>(3)!);
        // They can be passed on to clients.
        var packet = parser.EncodeEvent("/", Packet.NoAck, "e", read.Arguments.ToArray());
        Assert.Equal(messagePack ? 1 : 3, packet.BinaryMessages.Count + (packet.TextMessage.IsEmpty ? 0 : 1));
    }

    [Theory]
    [MemberData(nameof(Parsers))]
    public void The_data_of_a_session_are_what_they_were(bool messagePack)
    {
        var parser = messagePack ? s_messagePack : s_json;
        var data = new SocketData(parser);
        data.Set("bytes", new byte[] { 1, 2 });
        data.Set("nested", new { n = 1.5 });
        var restored = new SocketData(parser);
        restored.Restore(SessionRecord.DataOf(data));
        Assert.Equal([1, 2], restored.Get<byte[]>("bytes")!);
        Assert.Equal(1.5, restored.Get<Nested>("nested")!.N);
    }

    [Fact]
    public void What_is_cut_or_garbled_is_no_message_and_nothing_worse()
    {
        var random = new Random(1);
        foreach (var message in Messages(s_json))
        {
            var bytes = Convert.FromHexString(Written(message));
            for (var length = 0; length < bytes.Length; length++)
                Assert.Throws<InvalidDataException>(() => Read(bytes[..length], s_json));
            for (var round = 0; round < 500; round++)
            {
                var garbled = bytes.ToArray();
                for (var i = random.Next(1, 4); i > 0; i--)
                    garbled[random.Next(garbled.Length)] = (byte)random.Next(256);
                try
                {
                    Read(garbled, s_json);
                }
                catch (InvalidDataException)
                {
                    // As it should be.
                }
            }
        }
        Assert.Throws<InvalidDataException>(() => Read([99, 1, (byte)'/'], s_json));
        Assert.Throws<InvalidDataException>(() => Read([0, 1, (byte)'/'], s_json));
    }

    private static ClusterMessage[] Messages(PacketParser parser)
    {
        var target = BroadcastTarget.Everyone.To("a").To("b").Without("c") with { Volatile = true, Compress = false, Timeout = TimeSpan.FromMilliseconds(1500) };
        var handshake = Handshake.Elsewhere(
            [KeyValuePair.Create("Host", new StringValues("here")), KeyValuePair.Create("X-Two", new StringValues(["1", "2"]))],
            "127.0.0.1", "/socket.io/?a=b", "?a=b", secure: true, crossDomain: false, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), parser.Capture(new { token = "t" }));
        var data = SocketData.Frozen(parser, [KeyValuePair.Create("k", parser.Capture(new byte[] { 9 }))]);
        return
        [
            new PresenceMessage(ClusterMessageType.InitialHeartbeat),
            new PresenceMessage(ClusterMessageType.Heartbeat),
            new PresenceMessage(ClusterMessageType.AdapterClose),
            new BroadcastMessage("/chat", target, "event", Captured(parser, 1, "two", new byte[] { 3 }), "0123456789abcdef"),
            new BroadcastMessage("/", BroadcastTarget.Everyone, "event", EventArguments.Empty, null),
            new RoomsMessage("/", target, ["one", "two"], Join: true),
            new RoomsMessage("/", target, ["one"], Join: false),
            new DisconnectMessage("/", target, Close: true),
            new FetchMessage("/", target, "id"),
            new FetchedMessage("/", "id", [new FetchedSocket("socket", handshake, ["socket", "room"], data)], IsLast: false),
            new ServerSideMessage("/", "event", Captured(parser, new { a = 1 }), "id"),
            new ServerSideAnswerMessage("/", "id", parser.Capture("answer")),
            new ServerSideAnswerMessage("/", "id", null),
            new ClientCountMessage("/", "id", 12345),
            new ClientAnswerMessage("/", "id", Captured(parser, "answer", 2)),
            new ClientAnswerMessage("/", "id", null),
            new SessionMessage("/", "session", 1234567, "id"),
            new SessionAnswerMessage("/", "id", null),
            new SessionAnswerMessage("/", "id", new SessionRecord { Namespace = "/", Id = "session", PrivateId = 5, Fence = 1234567, Cursor = 2345678, Rooms = [("room", 3)], Data = [("key", [1], [[2]])] }),
        ];
    }

    private static EventArguments Captured(PacketParser parser, params object?[] values) => new([.. values.Select(parser.Capture)]);

    private static string Written(ClusterMessage message)
    {
        var record = new RecordWriter();
        ClusterCodec.Write(record, message);
        return Convert.ToHexString(record.Written.Span);
    }

    private static ClusterMessage Read(byte[] bytes, PacketParser parser)
    {
        var record = new RecordReader(bytes);
        return ClusterCodec.Read(ref record, parser);
    }

    private sealed record Nested(byte[]? Bytes, double N);
}

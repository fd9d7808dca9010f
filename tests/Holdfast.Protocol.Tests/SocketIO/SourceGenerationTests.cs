using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Protocol.Tests.SocketIO;

/// <summary>What an ahead-of-time compiled program relies on: its own types from its context, simple ones from the library.</summary>
public sealed partial class SourceGenerationTests
{
    private static readonly JsonPacketParser Parser = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        TypeInfoResolver = Context.Default,
    });

    internal sealed record Point(int X, int Y, byte[] Mark, EventArgument Rest);

    [JsonSerializable(typeof(Point))]
    internal sealed partial class Context : JsonSerializerContext;

    [Fact]
    public void The_applications_types_come_from_its_context()
    {
        var packet = Parser.EncodeEvent("/", -1, "x", [new Point(1, 2, [3], default)]);

        Assert.Equal("""451-["x",{"x":1,"y":2,"mark":{"_placeholder":true,"num":0},"rest":null}] <03>""", Wire.Show(packet));
        var decoder = Parser.CreateDecoder(1000);
        decoder.TryRead(packet.Text[1..], isBinary: false, out _);
        Assert.True(decoder.TryRead(packet.Attachments[0], isBinary: true, out var received));
        Assert.Equal([3], received.Arguments.Get<Point>(0)!.Mark);
    }

    [Fact]
    public void Simple_types_need_no_context()
    {
        object?[] args =
        [
            1, 2L, (short)3, 4u, 5.5, 6.5f, 7m, "é", true, Guid.Empty, TimeSpan.Zero, DateTimeOffset.UnixEpoch, new byte[] { 1 },
            new ReadOnlyMemory<byte>([2]), JsonDocument.Parse("[8]").RootElement, null, default(EventArgument),
        ];

        var packet = Parser.EncodeEvent("/", -1, "x", args);

        Assert.Equal(
            "452-[\"x\",1,2,3,4,5.5,6.5,7,\"é\",true,\"00000000-0000-0000-0000-000000000000\",\"00:00:00\",\"1970-01-01T00:00:00+00:00\"," +
            "{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1},[8],null,null] <01> <02>",
            Wire.Show(packet));
        Assert.Equal(5, Parser.Capture(5).Get<int?>());
        Assert.Null(Parser.Capture(null).Get<int?>());
        Assert.Equal("a", Parser.Capture("a").Get<string>());
        Assert.IsType<JsonElement>(Parser.Capture("a").Get<object>());
    }

    [Fact]
    public void A_type_that_nobody_lists_throws_and_names_itself()
    {
        var exception = Assert.Throws<NotSupportedException>(() => Parser.EncodeEvent("/", -1, "x", [new Version(1, 2)]));

        Assert.Contains("System.Version", exception.Message, StringComparison.Ordinal);
    }
}

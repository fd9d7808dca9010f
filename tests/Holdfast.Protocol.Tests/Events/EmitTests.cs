using System.Text.Json.Serialization;

namespace Holdfast.Protocol.Tests.Events;

public sealed class EmitTests
{
    private readonly TestSocket _socket = new();
    private readonly CancellationTokenSource _source = new();

    [JsonDerivedType(typeof(Circle), "circle")]
    internal abstract record Shape;

    internal sealed record Circle(int Radius) : Shape;

    [Fact]
    public async Task Each_argument_is_one_argument()
    {
        await _socket.EmitAsync("x");
        await _socket.EmitAsync("x", null);
        await _socket.EmitAsync("x", 1, "two");
        await _socket.EmitAsync("x", new[] { "a", "b" });
        await _socket.EmitAsync("x", new object?[] { 1, null });
        await _socket.EmitAsync("x", 1, 2, 3, 4, 5, 6, 7, 8);
        await _socket.EmitCoreAsync("x", [1, 2, 3, 4, 5, 6, 7, 8, 9]);

        Assert.Equal(
            [
                "42[\"x\"]", "42[\"x\",null]", "42[\"x\",1,\"two\"]", "42[\"x\",[\"a\",\"b\"]]", "42[\"x\",[1,null]]",
                "42[\"x\",1,2,3,4,5,6,7,8]", "42[\"x\",1,2,3,4,5,6,7,8,9]",
            ],
            _socket.Sent);
    }

    [Fact]
    public async Task A_token_in_the_last_place_is_no_argument()
    {
        var token = _source.Token;
        Func<Task>[] emits =
        [
            () => _socket.EmitAsync("x", token),
            () => _socket.EmitAsync("x", 1, token),
            () => _socket.EmitAsync("x", 1, 2, 3, 4, 5, 6, 7, 8, token),
            () => _socket.EmitAsync(new SocketEvent<int>("x"), 1, token),
            () => _socket.EmitCoreAsync("x", [1], token),
            () => _socket.EmitWithAckAsync<int?>("x", token),
            () => _socket.EmitWithAckAsync<int?>("x", 1, token),
            () => _socket.EmitWithAckCoreAsync<int?>("x", [1], token),
        ];
        foreach (var emit in emits)
        {
            await _socket.EmitAsync("reset");
            Assert.NotEqual(token, _socket.LastToken);
            await emit();
            Assert.Equal(token, _socket.LastToken);
        }

        Assert.DoesNotContain(_socket.Sent, text => text.Contains("isCancellationRequested", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_typed_event_is_written_by_its_declared_type()
    {
        await _socket.EmitAsync(new SocketEvent<Shape>("shape"), new Circle(3));
        await _socket.EmitAsync(new SocketEvent<Circle>("circle"), new Circle(3));
        await _socket.EmitAsync(new SocketEvent<object>("any"), new Circle(3));
        await _socket.EmitAsync(new SocketEvent<string?>("none"), null);
        await _socket.EmitAsync(new SocketEvent<byte[]>("bytes"), [1]);
        await _socket.EmitAsync(new SocketEvent<IReadOnlyList<string>>("list"), ["a"]);

        Assert.Equal(
            [
                """42["shape",{"$type":"circle","radius":3}]""", """42["circle",{"radius":3}]""", """42["any",{"radius":3}]""", """42["none",null]""",
                """451-["bytes",{"_placeholder":true,"num":0}] <01>""", """42["list",["a"]]""",
            ],
            _socket.Sent);
    }

    [Fact]
    public async Task A_typed_event_is_read_by_its_declared_type()
    {
        Shape? seen = null;
        _socket.On(new SocketEvent<Shape>("shape"), shape => { seen = shape; });

        await _socket.ReceiveAsync("""  "shape",{"$type":"circle","radius":3}""");

        Assert.Equal(new Circle(3), seen);
    }

    [Fact]
    public async Task The_first_value_of_the_ack_is_the_answer()
    {
        _socket.Answer = """[42,"more"]""";

        Assert.Equal(42, await _socket.EmitWithAckAsync<int>("question", "6*7?"));
        Assert.Equal(42, (await _socket.EmitWithAckAsync<EventArgument>("question", 1, 2)).Get<int>());
        Assert.Equal(["42", "\"more\""], (await _socket.EmitWithAckAsync<EventArguments>("question")).Select(value => value.ToString()));
        await Assert.ThrowsAsync<EventArgumentException>(() => _socket.EmitWithAckAsync<bool>("question"));
        Assert.Equal("421[\"question\",\"6*7?\"]", _socket.Sent[0]);
        Assert.Equal("421[\"question\",1,2]", _socket.Sent[1]);
    }

    [Fact]
    public async Task An_ack_of_nothing_is_null()
    {
        Assert.Null(await _socket.EmitWithAckAsync<string?>("question"));
        Assert.Null(await _socket.EmitWithAckAsync<object?>("question", null));
        Assert.Empty(await _socket.EmitWithAckAsync<EventArguments>("question"));
        await Assert.ThrowsAsync<EventArgumentException>(() => _socket.EmitWithAckAsync<int>("question"));
    }

    [Theory]
    [InlineData("connect", "raises it")]
    [InlineData("connect_error", "ConnectRejectedException")]
    [InlineData("disconnect", "DisconnectAsync")]
    [InlineData("disconnecting", "DisconnectAsync")]
    [InlineData("newListener", "another name")]
    public void Reserved_names_throw_at_the_call_and_name_the_right_method(string name, string advice)
    {
        var exception = Assert.Throws<ArgumentException>(() => { _ = _socket.EmitAsync(name, 1); });

        Assert.Contains($"\"{name}\" is a reserved event name", exception.Message, StringComparison.Ordinal);
        Assert.Contains(advice, exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => { _ = _socket.EmitWithAckAsync<int>(name); });
        Assert.Throws<ArgumentException>(() => { _ = _socket.EmitAsync(new SocketEvent<int>(name), 1); });
        Assert.Throws<ArgumentNullException>(() => { _ = _socket.EmitAsync(null!, 1); });
        Assert.Throws<ArgumentNullException>(() => { _ = _socket.EmitCoreAsync("x", null!); });
        Assert.Empty(_socket.Sent);
    }
}

using Holdfast.Testing;

namespace Holdfast.Cost.Tests;

/// <summary>From the bytes of a frame to the handler, and from the handler to the outbox.</summary>
public sealed class EventTests : IDisposable
{
    private static readonly byte[] s_event = [.. "42[\"e\",\""u8, .. Enumerable.Repeat((byte)'x', 128), .. "\"]"u8];
    private static readonly byte[] s_question = [.. "427[\"e\",\""u8, .. Enumerable.Repeat((byte)'x', 128), .. "\"]"u8];
    private static readonly byte[] s_numbers = "42[\"e\",1,2]"u8.ToArray();
    private readonly OfflineServer _server = new();

    [Fact]
    public void An_event_that_nobody_handles()
    {
        Cost.Is(88, In(_ => { }, s_event));
    }

    [Fact]
    public void An_event_whose_arguments_nobody_decodes()
    {
        Cost.Is(160, In(socket => socket.On("e", static (EventArguments _) => { }), s_event));
    }

    [Fact]
    public void An_event_with_a_text_of_128_characters_decoded()
    {
        // 280 are the text itself.
        Cost.Is(440, In(socket => socket.On("e", static (string _) => { }), s_event));
    }

    [Fact]
    public void An_event_with_two_numbers_decoded()
    {
        Cost.Is(168, In(socket => socket.On("e", static (int _, int _) => { }), s_numbers));
    }

    [Fact]
    public void An_event_that_is_answered_with_its_own_argument_undecoded()
    {
        // 208 of them are the answer: its bytes, and the packet that points at them.
        Cost.Is(448, In(socket => socket.On("e", static (EventArgument argument, EventContext context) => context.AckAsync(argument)), s_question));
    }

    [Fact]
    public void An_event_that_is_answered_with_nothing()
    {
        Cost.Is(240, In(socket => socket.On("e", static (EventArgument _, EventContext context) => context.AckAsync()), s_question));
    }

    [Fact]
    public void A_question()
    {
        var client = _server.Connect();
        var socket = client.Socket;
        Task<int>? asked = null;

        Cost.Is(656, Cost.OfPrepared(
            () =>
            {
                if (asked is not null)
                    client.Receive(client.AnswerTo(5));
                return socket;
            },
            socket =>
            {
                asked = socket.EmitWithAckAsync<int>("q");
                client.Read();
            }));
    }

    [Fact]
    public async Task The_answer_to_a_question()
    {
        var client = _server.Connect();
        var socket = client.Socket;
        Task<int>? asked = null;

        Cost.Is(88, Cost.OfPrepared(
            () =>
            {
                asked = socket.EmitWithAckAsync<int>("q");
                client.Read();
                return client.AnswerTo(5);
            },
            answer => client.Receive(answer)));
        Assert.Equal(5, await asked!);
    }

    public void Dispose() => _server.Dispose();

    private long In(Action<ServerSocket> register, byte[] frame)
    {
        _server.Io.OnConnection(register);
        var client = _server.Connect();
        return Cost.Of(() =>
        {
            client.Receive(frame);
            client.Read();
        });
    }
}

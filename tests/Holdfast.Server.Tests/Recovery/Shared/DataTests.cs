using Holdfast.Recovery;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Server.Tests.Recovery.Shared;

// When the data of a session are in the log, and what is said of them before.
public class DataTests
{
    private readonly LoopbackLog _log = new();

    [Fact]
    public async Task The_ack_of_a_handler_whose_data_the_log_does_not_take_is_not_sent_and_other_acks_are()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join(), SetAndGet);
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var client = await a.Host.JoinAsync();
        a.Host.ExpectedComplaints = 1;

        a.Log.IsAway = true;
        await client.SendAsync("420[\"set\",\"Ada\"]");
        await client.SendAsync("421[\"get\"]");
        Assert.Equal("431[\"Ada\"]", await client.ReadAsync());
        Assert.Contains("acknowledgement is not sent", Assert.Single(a.Host.Complaints), StringComparison.Ordinal);
        a.Log.IsAway = false;
        await client.SendAsync("422[\"set\",\"Grace\"]");
        Assert.Equal("432[1]", await client.ReadAsync());

        await a.Host.CutAsync(client);
        a.Log.Die();
        using var back = await b.Host.ReturnAsync(client);
        Assert.Equal("Grace", b.Host.SocketOf(back).Data.Get<string>("name"));
    }

    [Fact]
    public async Task Data_that_the_log_did_not_take_are_written_when_it_is_back()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join(), SetAndGet);
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var client = await a.Host.JoinAsync();
        a.Host.ExpectedComplaints = 1;

        a.Log.IsAway = true;
        await client.SendAsync("420[\"set\",\"Ada\"]");
        await Waiting.Until(() => a.Host.Complaints.Count == 1);
        a.Log.IsAway = false;
        await a.Host.WhileTimePassesAsync(KnownAsync(b, client, "Ada"));
        await client.SendAsync("421[\"get\"]");

        Assert.Equal("431[\"Ada\"]", await client.ReadAsync());
    }

    [Fact]
    public async Task An_ack_waits_for_data_that_somebody_else_has_sent_to_the_log_and_fails_with_them()
    {
        // What an append has failed with may become known long after: the disk hangs.
        var log = new HeldLog(_log.Join());
        await using var a = await RecoveryHost.StartAsync(services: services => services.AddSingleton<ISharedLog>(log));
        using var client = await a.JoinAsync();
        var (socket, sent) = (a.SocketOf(client), 0);
        var adapter = socket.Namespace.Adapter;

        log.IsHeld = true;
        socket.Data.Set("name", "Ada");
        adapter.WriteChanges(socket.Session);
        var answer = adapter.AnswerAsync(socket.Binding, () => sent++);
        Assert.False(answer.IsCompleted);
        log.Fail();
        Assert.True((await Assert.ThrowsAsync<RecoveryUnavailableException>(() => answer).Within()).OutcomeUnknown);
        Assert.Equal(0, sent);
        await adapter.AnswerAsync(socket.Binding, () => sent++).Within();

        Assert.Equal(1, sent);
    }

    [Fact]
    public async Task Data_too_large_for_the_log_are_answered_for_by_no_ack_and_by_nothing_that_is_tried_again_and_again()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join(mostBytes: 1000), SetAndGet);
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var client = await a.Host.JoinAsync();
        a.Host.ExpectedComplaints = 1;

        await client.SendAsync($"420[\"set\",\"{new string('x', 1000)}\"]");
        await client.SendAsync("421[\"get\"]");
        Assert.EndsWith("xxx\"]", await client.ReadAsync(), StringComparison.Ordinal);
        await client.SendAsync("422[\"set\",\"Ada\"]");

        Assert.Equal("432[1]", await client.ReadAsync());
        await KnownAsync(b, client, "Ada");
    }

    [Fact]
    public async Task Data_are_written_when_the_handlers_have_ended_that_have_changed_them_whichever_they_are()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join(), io =>
        {
            io.OnConnection(async socket =>
            {
                await Task.Yield();
                socket.Data.Set("name", "connection");
            });
            io.OnConnection(socket =>
            {
                socket.On("now", () => socket.Data.Set("name", "event"));
                socket.On("later", async () =>
                {
                    await Task.Yield();
                    socket.Data.Set("name", "asynchronous");
                });
                socket.On("fails", () =>
                {
                    socket.Data.Set("name", "failed");
                    throw new InvalidOperationException("as planned");
                });
                socket.OnDisconnecting(_ => socket.Data.Set("name", "disconnecting"));
            });
            io.OnSessionParked((session, _) => session.Data.Set("state", "parked"));
        });
        await using var b = await LoopbackHost.StartAsync(_log.Join());
        using var client = await a.Host.JoinAsync();
        a.Host.ExpectedComplaints = 1;

        await KnownAsync(b, client, "connection");
        await client.SendAsync("42[\"now\"]");
        await KnownAsync(b, client, "event");
        await client.SendAsync("42[\"later\"]");
        await KnownAsync(b, client, "asynchronous");
        await client.SendAsync("42[\"fails\"]");
        await KnownAsync(b, client, "failed");
        await a.Host.CutAsync(client);
        await KnownAsync(b, client, "disconnecting");
        await KnownAsync(b, client, "parked", "state");
    }

    [Fact]
    public async Task Data_of_a_middleware_that_lets_a_client_back_in_are_written_as_well()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join());
        await using var b = await LoopbackHost.StartAsync(
            _log.Join(),
            io => io.Use((socket, next) =>
            {
                socket.Data.Set("name", "back");
                return next();
            }),
            recovery => recovery.SkipMiddlewares = false);
        using var client = await a.Host.JoinAsync();

        using var back = await b.Host.ReturnAsync(client);

        await KnownAsync(a, client, "back");
    }

    [Fact]
    public async Task Handlers_that_change_nothing_write_nothing()
    {
        await using var a = await LoopbackHost.StartAsync(_log.Join(), SetAndGet);
        using var client = await a.Host.JoinAsync();

        for (var i = 0; i < 10; i++)
        {
            await client.SendAsync("42[\"get\"]");
            await client.SendAsync("421[\"get\"]");
            Assert.Equal("431[null]", await client.ReadAsync());
        }

        Assert.Equal(1, _log.CountOf(LogRecordKind.Session));
    }

    private static void SetAndGet(SocketIOServer io) => io.OnConnection(socket =>
    {
        socket.On("set", (string name) =>
        {
            socket.Data.Set("name", name);
            return 1;
        });
        socket.On("get", () => socket.Data.Get<string>("name"));
    });

    private static async Task<bool> KnownAsync(LoopbackHost node, Peer client, string value, string key = "name")
    {
        await Waiting.Until(() => node.Host.SessionOf(client)?.Data.Get<string>(key) == value);
        return true;
    }
}

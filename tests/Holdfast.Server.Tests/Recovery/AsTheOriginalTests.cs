using System.Text.RegularExpressions;
using Holdfast.Recovery;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

// What the original's own tests of recovery ask for.
public class AsTheOriginalTests
{
    [Fact]
    public async Task Events_first_are_one_payload_of_three_events_and_the_answer_to_CONNECT()
    {
        using var http = new HttpClient();
        await using var host = await RecoveryHost.StartAsync(
            io => io.OnConnection(socket => socket.JoinAsync("room1")), options => options.ReplayOrder = ReplayOrder.EventsFirst);
        var peer = await PollingPeer.JoinAsync(host, http);
        await Waiting.Until(() => host.Io.Sockets.RoomSize("room1") == 1);
        var socket = host.Io.Sockets.FindSocket(peer.Id)!;
        await host.Io.EmitAsync("hello");
        var offset = Offset(Assert.Single(await peer.PollAsync()));
        await peer.CutAsync(host);
        await host.Io.EmitAsync("hello1"); // broadcast
        await host.Io.To("room1").EmitAsync("hello2"); // to its room
        await socket.EmitAsync("hello3"); // to itself
        var back = await PollingPeer.OpenAsync(host, http);
        await back.PostAsync(RecoveryHost.Connect(peer.Pid, offset));
        var payload = await back.PollAsync();
        Assert.Equal(["42[\"hello1\"", "42[\"hello2\"", "42[\"hello3\""], payload[..^1].Select(packet => packet[..packet.LastIndexOf(',')]));
        Assert.Equal($$"""40{"sid":"{{peer.Id}}","pid":"{{peer.Pid}}"}""", payload[^1]);
        Assert.Equal(4, payload.Length);
    }

    [Fact]
    public async Task Of_all_that_was_sent_meanwhile_a_client_gets_what_was_for_it_and_nothing_else()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        using var other = await host.JoinAsync();
        await host.SocketOf(peer).JoinAsync("r1");
        await host.SocketOf(other).JoinAsync("r2");
        await host.CutAsync(peer);
        await host.Io.EmitAsync("to all");
        await host.Io.To("r1").EmitAsync("to its room");
        await host.Io.Except("r2").EmitAsync("except another room");
        await host.Io.Except("r1").EmitAsync("except its room");
        await host.Io.To("r2").EmitAsync("to another room");
        await host.Io.Volatile.EmitAsync("volatile");
        var question = host.Io.Timeout(TimeSpan.Zero).EmitWithAckAsync<int>("with ack");
        host.Time.Advance(1);
        await question.Within();
        using var back = await host.ReturnAsync(peer);
        Assert.Equal(["42[\"to all\"]", "42[\"to its room\"]", "42[\"except another room\"]"], [await back.ReadEventAsync(), await back.ReadEventAsync(), await back.ReadEventAsync()]);
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task Without_recovery_nothing_is_kept_of_a_client_that_has_gone()
    {
        var parked = 0;
        var ended = Entering.Signal<SessionExpiryReason>();
        await using var host = await SocketHost.StartAsync(io => io
            .OnRecovering(bool (_, _) => throw new InvalidOperationException("nobody can be recovered"))
            .OnSessionParked((_, _) => parked++)
            .OnSessionExpired((_, reason) => ended.TrySetResult(reason))
            .OnConnection(socket => socket.JoinAsync("room")));
        var peer = await host.ConnectAsync();
        await Waiting.Until(() => host.Io.Sockets.RoomSize("room") == 1);
        peer.Dispose();
        Assert.Equal(SessionExpiryReason.Disconnected, await ended.Task.Within());
        Assert.Null(host.Io.Recovery);
        Assert.Equal((0, 0, 0), (host.Io.Sockets.Adapter.SessionCount, host.Io.Sockets.Adapter.RoomCount, parked));
        using var back = await host.ConnectAsync($$"""40{"pid":"{{PrivateId.Create()}}","offset":"AAAAAAAA.0000000001"}""");
        Assert.NotEqual(peer.Id, back.Id);
    }

    private static string Offset(string packet) => Regex.Match(packet, "\"([^\"]+)\"\\]$").Groups[1].Value;
}

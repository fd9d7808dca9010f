using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

// What a client sees on the wire, byte by byte.
public class ConnectAnswerTests
{
    [Fact]
    public async Task The_answer_to_CONNECT_has_the_public_and_the_private_id_and_nothing_else()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync(); // checks the form
        Assert.NotEqual(peer.Id, peer.Pid![..20]);
        using var other = await host.JoinAsync();
        Assert.NotEqual(peer.Pid, other.Pid);
    }

    [Fact]
    public async Task W30_without_recovery_there_is_no_private_id_and_no_offset()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(async socket =>
        {
            await socket.EmitAsync("one", 1);
            await io.EmitAsync("all", 2);
        }));
        using var peer = await host.ConnectAsync("""40{"pid":"AAAAAAAAAAAAAAAAAAAAAAAA","offset":"AAAAAAAA.0000000001"}""");
        Assert.Equal("""42["one",1]""", await peer.ReadAsync());
        Assert.Equal("""42["all",2]""", await peer.ReadAsync());
    }

    [Fact]
    public async Task Every_event_without_ack_ends_with_its_position_and_the_positions_count_up()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        await host.SocketOf(peer).EmitAsync("one", 1);
        await host.Io.EmitAsync("all");
        await host.Io.To(peer.Id).EmitAsync("room", "x");
        await host.Io.EmitAsync("binary", new byte[] { 1, 2 });

        Assert.Equal("""42["one",1]""", await peer.ReadEventAsync());
        var epoch = peer.Offset![..9];
        Assert.Equal(epoch + "0000000001", peer.Offset);
        Assert.Equal($"""42["all","{epoch}0000000002"]""", await peer.ReadAsync());
        Assert.Equal($"""42["room","x","{epoch}0000000003"]""", await peer.ReadAsync());
        Assert.Equal($$"""451-["binary",{"_placeholder":true,"num":0},"{{epoch}}0000000004"]""", await peer.ReadAsync());
        Assert.Equal("0102", await peer.ReadAsync());
    }

    [Fact]
    public async Task A_question_carries_no_position_and_takes_none()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        var answer = host.SocketOf(peer).EmitWithAckAsync<int>("question", "text");
        var question = await peer.ReadAsync();
        Assert.Matches("""^42[0-9]+\["question","text"\]$""", question);
        await peer.SendAsync(Peer.Answer(question, "5"));
        Assert.Equal(5, await answer);
        var answers = host.Io.EmitWithAckAsync<int>("all");
        question = await peer.ReadAsync();
        Assert.Matches("""^42[0-9]+\["all"\]$""", question);
        await peer.SendAsync(Peer.Answer(question, "6"));
        Assert.Equal([6], (await answers).Responses);
        await host.Io.EmitAsync("event");
        await peer.ReadEventAsync();
        Assert.EndsWith(".0000000001", peer.Offset, StringComparison.Ordinal);
    }

    [Fact]
    public async Task W4_a_volatile_event_that_ends_in_a_text_does_not_take_the_position_away()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        await host.Io.EmitAsync("first", 1);
        Assert.Equal("""42["first",1]""", await peer.ReadEventAsync());
        var position = peer.Offset;
        var session = host.SessionOf(peer)!;
        await Waiting.Until(() => session.Outlet!.UnsentBytes == 0);
        await host.SocketOf(peer).Volatile.EmitAsync("cursor", "text");
        Assert.Equal("""42["cursor","text"]""", await peer.ReadEventAsync());
        Assert.Equal(position, peer.Offset);
        await Waiting.Until(() => session.Outlet!.UnsentBytes == 0);
        await host.Io.Volatile.EmitAsync("cursor", "all");
        Assert.Equal("""42["cursor","all"]""", await peer.ReadEventAsync());
        Assert.Equal(position, peer.Offset);

        await host.CutAsync(peer);
        await host.Io.EmitAsync("second", 2);
        using var back = await host.ReturnAsync(peer);
        Assert.Equal(peer.Pid, back.Pid);
        Assert.Equal("""42["second",2]""", await back.ReadEventAsync());
    }

    [Fact]
    public async Task W7_W44_all_namespaces_count_in_one_sequence_and_each_gets_its_own()
    {
        await using var host = await RecoveryHost.StartAsync(io => io.Of("/a"));
        using var peer = await host.JoinAsync();
        await peer.SendAsync("40/a,");
        var first = peer.Pid;
        await peer.ReadConnectAsync();
        var second = peer.Pid;
        peer.Pid = first;
        await host.Io.EmitAsync("e", 1);
        await host.Io.Of("/a").EmitAsync("e", 2);
        Assert.Equal("""42["e",1]""", await peer.ReadEventAsync());
        var one = peer.Offset;
        Assert.Equal("""42/a,["e",2]""", await peer.ReadEventAsync());
        var two = peer.Offset;
        Assert.EndsWith("1", one, StringComparison.Ordinal);
        Assert.EndsWith("2", two, StringComparison.Ordinal);

        await host.CutAsync(peer);
        await host.Io.Of("/a").EmitAsync("e", 3);
        await host.Io.EmitAsync("e", 4);
        using var back = await host.OpenAsync();
        await back.SendAsync(RecoveryHost.Connect(first, one));
        await back.ReadConnectAsync();
        Assert.Equal(first, back.Pid);
        Assert.Equal("""42["e",4]""", await back.ReadEventAsync());
        await back.SendAsync("40/a," + RecoveryHost.Connect(second, two)[2..]);
        await back.ReadConnectAsync();
        Assert.Equal(second, back.Pid);
        Assert.Equal("""42/a,["e",3]""", await back.ReadEventAsync());
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task W25_an_event_that_no_client_could_decode_throws_at_the_emit_and_takes_no_position()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        var eleven = Enumerable.Range(0, 11).Select(i => new[] { (byte)i }).ToArray();
        await Assert.ThrowsAnyAsync<ArgumentException>(() => host.Io.EmitAsync("e", eleven));
        Assert.Equal(0, host.Store.Position);
        await host.Io.EmitAsync("e", 1);
        Assert.Equal("""42["e",1]""", await peer.ReadEventAsync());
    }
}

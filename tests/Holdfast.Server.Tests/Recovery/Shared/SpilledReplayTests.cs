using System.Text;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery.Shared;

// More was missed than memory holds: the rest comes out of the store, and nobody can tell the two apart.
public class SpilledReplayTests
{
    private const int Events = 150;
    private const long Memory = 40_000; // a tenth of what is missed

    /// <summary>However far the clock goes while a test waits for the server, the session is still there.</summary>
    private static readonly TimeSpan LongEnough = TimeSpan.FromDays(20);

    private readonly LoopbackLog _log = new();

    [Theory]
    [InlineData(ReplayOrder.ConnectFirst)]
    [InlineData(ReplayOrder.EventsFirst)]
    public async Task What_was_missed_is_byte_for_byte_what_others_got_live_on_the_same_node(ReplayOrder order)
    {
        await using var a = await StartAsync(options => options.ReplayOrder = order);
        var (peer, expected) = await MissAsync(a, a);

        using var back = await a.Host.KnockAsync(peer);
        Assert.Equal(expected, await ReadAsync(back, expected.Length, order));

        Assert.True(a.Log.ReadAgain > Events / 2, $"only {a.Log.ReadAgain} records were read again");
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task And_on_another_node_and_on_one_that_starts_anew()
    {
        LoopbackHost a = await StartAsync(), b = await StartAsync();
        var (peer, expected) = await MissAsync(a, b);

        using var back = await b.Host.KnockAsync(peer);
        Assert.Equal(expected, await ReadAsync(back, expected.Length));
        Assert.True(b.Log.ReadAgain > Events / 2, $"only {b.Log.ReadAgain} records were read again");

        back.Offset = peer.Offset;
        await b.Host.CutAsync(back);
        await a.DisposeAsync();
        await b.DisposeAsync();
        await using var c = await StartAsync();
        using var again = await c.Host.KnockAsync(back);
        Assert.Equal(expected, await ReadAsync(again, expected.Length));
        Assert.True(c.Log.ReadAgain > Events / 2, $"only {c.Log.ReadAgain} records were read again");
    }

    [Fact]
    public async Task In_the_offsets_of_the_epoch_in_which_each_was_sent()
    {
        await using var a = await StartAsync();
        var (peer, expected) = await MissAsync(a, a, i =>
        {
            if (i is 40 or 90)
                _log.BeginEpoch(tailMayBeLost: false);
        });
        Assert.Contains(expected, frame => frame.Contains("loopback.", StringComparison.Ordinal));
        Assert.Contains(expected, frame => frame.Contains("loopbac2.", StringComparison.Ordinal));

        using var back = await a.Host.KnockAsync(peer);

        Assert.Equal(expected, await ReadAsync(back, expected.Length));
    }

    [Fact]
    public async Task In_the_form_of_the_parser()
    {
        await using var a = await StartAsync(options: options => options.Parser = new MessagePackParser());
        using var witness = await ConnectAsync(a, null);
        using var former = await ConnectAsync(a, null);
        await a.Host.CutAsync(former);
        List<string> expected = [];
        for (var i = 0; i < Events; i++)
        {
            await a.Io.EmitAsync("e", i, new byte[2000]).Within();
            expected.Add(await witness.ReadAsync());
        }

        using var back = await ConnectAsync(a, former.Pid);

        foreach (var frame in expected)
            Assert.Equal(frame, await back.ReadAsync());
        Assert.True(a.Log.ReadAgain > Events / 2, $"only {a.Log.ReadAgain} records were read again");
    }

    [Fact]
    public async Task Several_slow_readers_at_once_each_get_all_of_it_and_what_is_emitted_meanwhile_behind_it()
    {
        const int readers = 5;
        await using var a = await StartAsync(options => (options.ReplayBurst, options.ReplayBytesPerSecond, options.MaxDisconnectionDuration) = (10_000, 100_000, LongEnough));
        List<Peer> peers = [];
        for (var i = 0; i < readers; i++)
            peers.Add(await a.Host.JoinAsync());
        foreach (var peer in peers)
            await a.Host.CutAsync(peer);
        for (var i = 0; i < Events; i++)
            await a.Io.EmitAsync("e", i, new string('x', 2_000)).Within();

        List<Peer> back = [];
        foreach (var peer in peers)
            back.Add(await a.Host.ReturnAsync(peer));
        for (var i = Events; i < Events + 20; i++)
            await a.Io.EmitAsync("e", i, "live").Within();

        var all = Task.WhenAll(back.Select(async peer =>
        {
            for (var i = 0; i < Events + 20; i++)
                Assert.StartsWith($"42[\"e\",{i},", await peer.ReadEventAsync(), StringComparison.Ordinal);
            await peer.AssertNothingMoreAsync();
            return true;
        }));
        await a.Host.WhileTimePassesAsync(all);
        lock (a.Host.Store.Log.Gate)
            Assert.InRange(a.Host.Store.Log.Bytes, 1, Memory);
        foreach (var peer in peers.Concat(back))
            peer.Dispose();
    }

    [Fact]
    public async Task A_cut_in_the_middle_loses_and_doubles_nothing()
    {
        await using var a = await StartAsync(options => (options.ReplayBurst, options.ReplayBytesPerSecond, options.MaxDisconnectionDuration) = (20_000, 100_000, LongEnough));
        var peer = await a.Host.JoinAsync();
        await a.Host.CutAsync(peer);
        for (var i = 0; i < Events; i++)
            await a.Io.EmitAsync("e", i, new string('x', 2_000)).Within();

        for (var next = 0; next < Events;)
        {
            var back = await a.Host.ReturnAsync(peer);
            Assert.Equal(Events - next, a.Host.SocketOf(back).Recovery.MissedCount);
            for (var end = next + 30; next < end; next++)
                Assert.StartsWith($"42[\"e\",{next},", await a.Host.WhileTimePassesAsync(back.ReadEventAsync()), StringComparison.Ordinal);
            await a.Host.CutAsync(back);
            peer = back;
        }
        using var last = await a.Host.ReturnAsync(peer);
        await last.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task Whoever_is_ended_meanwhile_gets_all_that_was_before_it_and_then_its_end()
    {
        await using var a = await StartAsync();
        var peer = await MissLargeAsync(a);
        a.Log.HoldReads();
        using var back = await a.Host.ReturnAsync(peer);
        await Waiting.Until(() => a.Log.HeldReads == 1);

        var end = a.Host.SocketOf(back).DisconnectAsync();
        await end.Within();
        a.Log.GoOnReading();

        for (var i = 0; i < Events; i++)
            Assert.StartsWith($"42[\"e\",{i},", await back.ReadEventAsync(), StringComparison.Ordinal);
        Assert.Equal("41", await back.ReadAsync());
    }

    [Fact]
    public async Task What_the_store_has_to_be_asked_for_counts_in_the_bound_on_a_replay()
    {
        await using var a = await StartAsync(options => options.MaxReplayBytes = Events * 2_000);
        var peer = await MissLargeAsync(a);

        using var back = await a.Host.ReturnAsync(peer);

        Assert.Equal(new(RecoveryOutcome.StateOnly, RecoveryReason.ReplayTooLarge, 0), a.Host.SocketOf(back).Recovery);
        Assert.Equal(0, a.Log.ReadAgain);
    }

    private Task<LoopbackHost> StartAsync(Action<ConnectionStateRecoveryOptions>? recovery = null, Action<SocketIOOptions>? options = null) =>
        LoopbackHost.StartAsync(_log.Join(memory: Memory), recovery: recovery, options: options);

    private static async Task<Peer> MissLargeAsync(LoopbackHost node)
    {
        var peer = await node.Host.JoinAsync();
        await node.Host.CutAsync(peer);
        for (var i = 0; i < Events; i++)
            await node.Io.EmitAsync("e", i, new string('x', 2_000)).Within();
        return peer;
    }

    /// <summary>One who is in two rooms loses its connection; another one, who is in them as well, gets all that is sent there and to everybody. Some of it leaves the first one out.</summary>
    private static async Task<(Peer Peer, string[] Expected)> MissAsync(LoopbackHost at, LoopbackHost emitting, Action<int>? between = null)
    {
        var peer = await at.Host.JoinAsync();
        using var witness = await at.Host.JoinAsync();
        await at.Host.SocketOf(peer).JoinAsync(["first", "second"]).Within();
        await at.Host.SocketOf(witness).JoinAsync(["first", "second"]).Within();
        await at.Io.EmitAsync("seen").Within();
        Assert.Equal("42[\"seen\"]", await peer.ReadEventAsync());
        await witness.ReadAsync();
        await at.Host.CutAsync(peer);
        await emitting.CatchUpAsync().Within();

        List<string> expected = [];
        for (var i = 0; i < Events; i++)
        {
            between?.Invoke(i);
            var to = (i % 4) switch
            {
                0 => emitting.Io.To("first"),
                1 => emitting.Io.To("second").To("first"),
                2 => emitting.Io.Except("nobody is here"),
                _ => emitting.Io.To("second").Except(i % 8 == 3 ? peer.Id : "others"),
            };
            var frames = i % 3 == 0 ? 3 : 1;
            await (frames == 3 ? to.EmitAsync("e", i, new byte[1500], new byte[] { (byte)i }) : to.EmitAsync("e", i, new string('x', 2_000))).Within();
            for (var frame = 0; frame < frames; frame++)
            {
                var read = await witness.ReadAsync();
                if (i % 8 != 3)
                    expected.Add(read);
            }
        }
        return (peer, [.. expected]);
    }

    private static async Task<string[]> ReadAsync(Peer back, int count, ReplayOrder order = ReplayOrder.ConnectFirst)
    {
        if (order == ReplayOrder.ConnectFirst)
            await back.ReadConnectAsync();
        var frames = new string[count];
        for (var i = 0; i < count; i++)
            frames[i] = await back.ReadAsync();
        if (order == ReplayOrder.EventsFirst)
            await back.ReadConnectAsync();
        return frames;
    }

    /// <summary>{ type: 0, nsp: "/" }, with data: { pid } for who comes back, in MessagePack.</summary>
    private static async Task<Peer> ConnectAsync(LoopbackHost node, string? pid)
    {
        var peer = await node.Host.OpenAsync();
        byte[] data = pid is null ? [] : [0xA4, .. "data"u8, 0x81, 0xA3, .. "pid"u8, 0xB8, .. Encoding.ASCII.GetBytes(pid)];
        await peer.SendBinaryAsync([(byte)(pid is null ? 0x82 : 0x83), 0xA4, .. "type"u8, 0, .. data, 0xA3, .. "nsp"u8, 0xA1, .. "/"u8]);
        var answer = Encoding.Latin1.GetString(Convert.FromHexString(await peer.ReadAsync()));
        const string before = "pid\u00b8"; // a text of 24 characters
        peer.Pid = answer[(answer.IndexOf(before, StringComparison.Ordinal) + before.Length)..][..24];
        return peer;
    }
}

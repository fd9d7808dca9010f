using Holdfast.Recovery;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

// The same rules while many threads write at once.
public class ConcurrencyTests
{
    [Fact]
    public async Task Positions_on_one_connection_never_go_back_whoever_writes_and_how()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        var socket = host.SocketOf(peer);
        await socket.JoinAsync("room");
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 300; i++)
            {
                await (writer switch
                {
                    0 => socket.EmitAsync("kept", writer, i),
                    1 => host.Io.EmitAsync("kept", writer, i),
                    2 => host.Io.To("room").EmitAsync("kept", writer, i),
                    _ => i % 2 == 0 ? socket.Volatile.EmitAsync("volatile") : host.Io.Volatile.EmitAsync("volatile"),
                });
            }
        })).ToArray();
        var next = new int[3];
        var last = -1L;
        while (next.Sum() < 900)
        {
            var frame = await peer.ReadEventAsync();
            Assert.Equal(OffsetKind.Position, host.Store.Log.Offsets.Read(peer.Offset!, out var position));
            var isVolatile = frame == """42["volatile"]""";
            Assert.InRange(position, isVolatile ? last : last + 1, long.MaxValue);
            last = Math.Max(last, position);
            if (!isVolatile)
            {
                var writer = frame[10] - '0';
                Assert.Equal($"42[\"kept\",{writer},{next[writer]++}]", frame);
            }
        }
        await Task.WhenAll(writers).Within();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task W12_a_client_that_changes_its_connection_all_the_time_misses_nothing_of_what_others_write(bool skipMiddlewares)
    {
        const int Writers = 3, Events = 2_000;
        await using var host = await RecoveryHost.StartAsync(
            io => io.Use(async (_, next) =>
            {
                await Task.Yield();
                await next();
            }),
            options => (options.SkipMiddlewares, options.ReplayBurst) = (skipMiddlewares, 1 << 30));
        var peer = await host.JoinAsync();
        await host.SocketOf(peer).JoinAsync("room");
        var (id, pid) = (peer.Id, peer.Pid);
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < Events; i++)
            {
                await (writer switch
                {
                    0 => host.Io.EmitAsync("e", writer, i),
                    1 => host.Io.To("room").EmitAsync("e", writer, i),
                    _ => host.Io.To([id, "room", "other"]).Except("nobody").EmitAsync("e", writer, i),
                });
                if (i % 20 == 0)
                    await Task.Yield();
            }
        })).ToArray();
        var next = new int[Writers];
        for (var read = 1; read <= Writers * Events; read++)
        {
            var frame = await peer.ReadEventAsync();
            var writer = frame[7] - '0';
            Assert.Equal($"42[\"e\",{writer},{next[writer]++}]", frame);
            if (read % 40 != 0)
                continue;
            if (read % 80 == 0)
                peer.Dispose(); // else the old connection still lives: a takeover
            var back = await host.KnockAsync(peer);
            await back.ReadConnectAsync();
            Assert.Equal((id, pid), (back.Id, back.Pid));
            peer.Dispose();
            peer = back;
        }
        await Task.WhenAll(writers).Within();
        await peer.AssertNothingMoreAsync();
        peer.Dispose();
    }

    [Fact]
    public async Task W3_an_idle_client_whose_last_event_is_long_gone_comes_back_with_everything()
    {
        await using var host = await RecoveryHost.StartAsync(recovery: options => options.MaxLogEntries = 10);
        using var idle = await host.JoinAsync();
        await host.Io.To(idle.Id).EmitAsync("e", 1);
        Assert.Equal("""42["e",1]""", await idle.ReadEventAsync());
        for (var i = 0; i < 100; i++)
            await host.Io.To("somebody else").EmitAsync("e", i);
        await host.CutAsync(idle);
        using var back = await host.ReturnAsync(idle);
        Assert.Equal(idle.Pid, back.Pid);
        for (var i = 0; i < 100; i++)
            await host.Io.To("somebody else").EmitAsync("e", i);
        await host.CutAsync(back);
        await host.Io.To(idle.Id).EmitAsync("e", 2);
        using var third = await host.ReturnAsync(back);
        Assert.Equal(idle.Pid, third.Pid);
        Assert.Equal("""42["e",2]""", await third.ReadEventAsync());
        await third.AssertNothingMoreAsync();
    }
}

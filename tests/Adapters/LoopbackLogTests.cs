using Holdfast.Recovery;
using Holdfast.Server.Tests.Recovery.Shared;

namespace Holdfast.Adapters.Tests;

/// <summary>A log in memory that the servers of one process share.</summary>
public sealed class LoopbackLogTests : LogContract
{
    private readonly LoopbackLog _log = new();
    private LoopbackLog.LoopbackNode? _last;

    private protected override ISharedLog Join() => _last = _log.Join();

    [Fact]
    public async Task What_the_log_does_not_take_fails_at_the_call_and_reaches_nobody()
    {
        var hosts = new[] { await StartAsync(io => io.OnServerSideEmit("hello", () => { })), await StartAsync() };
        var (a, b) = (await JoinAsync(hosts[0]), await JoinAsync(hosts[1]));
        _last!.IsAway = true;
        await Assert.ThrowsAsync<RecoveryUnavailableException>(() => hosts[1].Io.EmitAsync("lost"));
        await Assert.ThrowsAsync<RecoveryUnavailableException>(() => hosts[1].Io.EmitWithAckAsync<int>("lost"));
        await Assert.ThrowsAsync<RecoveryUnavailableException>(() => hosts[1].Io.ServerSideEmitAsync("hello"));
        await Assert.ThrowsAsync<RecoveryUnavailableException>(() => hosts[1].Io.ServerSideEmitWithAckAsync<int>("hello"));
        await Assert.ThrowsAsync<RecoveryUnavailableException>(() => hosts[1].Io.FetchSocketsAsync());
        _last!.IsAway = false;
        await hosts[1].Io.EmitAsync("arrives");
        Assert.Equal("""42["arrives"]""", await a.ReadAsync());
        Assert.Equal("""42["arrives"]""", await b.ReadAsync());
        Assert.Single(await hosts[1].Io.In(a.Id).FetchSocketsAsync());
    }
}

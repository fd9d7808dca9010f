using System.Diagnostics.Metrics;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Server.Tests.Recovery;

/// <summary>What many clients can cost who leave and come back as often as they like, and whether anybody else notices.</summary>
[Collection(LoadTests.Name)]
public class AbuseTests
{
    private const string BytesSent = "holdfast.engine.io";

    [Fact]
    public async Task W36_W38_ten_thousand_abandoned_sessions_and_a_thousand_loops_stay_within_the_bounds()
    {
        const int Abandoned = 10_000, Looping = 1_000, Rounds = 5, Events = 500;
        const int EventBytes = 1_000, Burst = 50_000;
        await using var host = await RecoveryHost.StartAsync(recovery: options =>
        {
            options.MaxParkedSessions = 4_000;
            options.MaxParkedBytes = 3_000 * 1_300;
            options.MaxLogEntries = 600;
            options.MaxLogBytes = 600_000;
            options.ReplayBurst = Burst;
        });
        var bounds = host.Store.Options;
        var sentBytes = 0L;
        using var listener = ListenToBytesSent(host, bytes => Interlocked.Add(ref sentBytes, bytes));
        using var healthy = await host.JoinAsync();
        var (emitted, healthyRead) = (0, 0);

        async Task EmitAndReadAsync()
        {
            await host.Io.To(healthy.Id).EmitAsync("e", emitted++, new string('x', EventBytes));
            Assert.StartsWith($"42[\"e\",{healthyRead++},", await healthy.ReadEventAsync(), StringComparison.Ordinal);
        }

        void AssertBounds()
        {
            lock (host.Store.Log.Gate)
            {
                Assert.InRange(host.Store.Sessions.ParkedCount, 0, bounds.MaxParkedSessions);
                Assert.InRange(host.Store.Sessions.ParkedBytes, 0, bounds.MaxParkedBytes);
                Assert.InRange(host.Store.Log.Count, 0, bounds.MaxLogEntries);
                Assert.InRange(host.Store.Log.Bytes, 0, bounds.MaxLogBytes);
            }
        }

        // Those who never come back, each with an event of its own and a room.
        var abandoned = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref abandoned) <= Abandoned)
            {
                using var peer = await host.JoinAsync();
                await host.SocketOf(peer).JoinAsync("room of " + peer.Id);
                await host.Io.To(peer.Id).EmitAsync("e", new string('x', 100));
            }
        })));
        await Waiting.Until(() => host.Io.Sockets.Sockets.Count == 1);
        AssertBounds();
        await Waiting.Until(() => host.Io.Sockets.Adapter.SessionCount == host.Store.Sessions.ParkedCount + 1);
        Assert.InRange(host.Store.Sessions.ParkedCount, 1_000, bounds.MaxParkedSessions);
        await EmitAndReadAsync();

        // Those who come back again and again with the oldest position that they have.
        var before = Interlocked.Read(ref sentBytes);
        var loops = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref loops) <= Looping)
            {
                var first = await host.JoinAsync();
                await host.CutAsync(first);
                for (var i = 0; i < 40; i++)
                    await host.Io.To(first.Id).EmitAsync("mine", i, new string('x', EventBytes));
                for (var round = 0; round < Rounds; round++)
                    (await host.ReturnAsync(first)).Dispose();
            }
        })));
        for (var i = 0; i < Events; i++)
            await EmitAndReadAsync();
        AssertBounds();
        // Per session at most its allowance and the one event that is paid for afterwards, whatever number of times it came back; and the answers to CONNECT.
        var perSession = Burst + EventBytes + 200 + ((Rounds + 1) * 300);
        Assert.InRange(Interlocked.Read(ref sentBytes) - before, 1, ((long)Looping * perSession) + (Events * (EventBytes + 200L)));
        await healthy.AssertNothingMoreAsync();

        // And when the time is up, nothing of it is left.
        await Waiting.Until(() => host.Io.Sockets.Sockets.Count == 1);
        host.Time.Advance(TimeSpan.FromMinutes(2));
        await Waiting.Until(() => host.Io.Sockets.Adapter.SessionCount == 1);
        Assert.Equal((0, 0L), (host.Store.Sessions.ParkedCount, host.Store.Sessions.ParkedBytes));
        Assert.Equal(0, host.Io.Sockets.Adapter.RoomCount);
    }

    private static MeterListener ListenToBytesSent(SocketHost host, Action<long> sent)
    {
        var scope = host.Io.Services.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == BytesSent && ReferenceEquals(instrument.Meter.Scope, scope))
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, bytes, tags, _) =>
        {
            if (Equals(tags[0].Value, "transmit"))
                sent(bytes);
        });
        listener.Start();
        return listener;
    }
}

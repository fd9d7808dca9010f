using Holdfast.Server.Tests.Sockets;

namespace Holdfast.Server.Tests.Recovery;

/// <summary>Two connections that want one session at the same moment, thousands of times.</summary>
[Collection(LoadTests.Name)]
public class RaceTests
{
    private const int Lanes = 8;
    private const int RacesPerLane = 1_250;

    [Fact]
    public async Task W26b_W37_of_two_who_race_for_a_session_one_has_it_and_is_served()
    {
        await using var host = await RecoveryHost.StartAsync(recovery: options => options.MaxDisconnectionDuration = TimeSpan.FromDays(10));
        var lanes = await Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => Task.Run(() => RunLaneAsync(host))));
        Assert.Equal(Lanes * RacesPerLane, lanes.Sum(lane => lane.Races));
        Assert.True(lanes.Sum(lane => lane.Fresh) > 0 || lanes.Sum(lane => lane.Closed) > 0);
        Assert.Equal(Lanes * RacesPerLane, lanes.Sum(lane => lane.Fresh + lane.Closed));
    }

    private static async Task<(int Races, int Fresh, int Closed)> RunLaneAsync(SocketHost host)
    {
        var holder = await host.JoinAsync();
        var (id, pid) = (holder.Id, holder.Pid!);
        var spare = new Stack<Peer>();
        var (races, fresh, closed) = (0, 0, 0);
        while (races < RacesPerLane)
        {
            var racers = new[] { await TakeAsync(), await TakeAsync() };
            foreach (var racer in racers)
                racer.Offset = holder.Offset;
            await Task.WhenAll(racers.Select(racer => racer.SendAsync(RecoveryHost.Connect(pid, holder.Offset))));
            var answers = await Task.WhenAll(racers.Select(racer => racer.ReadAsync()));
            // Both have been answered or closed: whoever has the session now keeps it.
            await host.Io.To(id).EmitAsync("race", races);
            var winners = new List<Peer>();
            for (var i = 0; i < 2; i++)
            {
                if (answers[i].Contains(pid, StringComparison.Ordinal))
                {
                    Assert.Equal($$"""40{"sid":"{{id}}","pid":"{{pid}}"}""", answers[i]);
                    var next = await racers[i].ReadAsync();
                    if (next == "closed")
                    {
                        closed++;
                        racers[i].Dispose();
                        continue;
                    }
                    Assert.StartsWith($"42[\"race\",{races},\"", next, StringComparison.Ordinal);
                    racers[i].Offset = next[^21..^2];
                    winners.Add(racers[i]);
                }
                else if (answers[i] == "closed")
                {
                    closed++;
                    racers[i].Dispose();
                }
                else
                {
                    Assert.DoesNotContain(id, answers[i], StringComparison.Ordinal);
                    Assert.StartsWith("40{\"sid\":", answers[i], StringComparison.Ordinal);
                    fresh++;
                    await racers[i].SendAsync("41");
                    spare.Push(racers[i]);
                }
            }
            var winner = Assert.Single(winners);
            Assert.Equal("closed", await holder.ReadAsync());
            holder.Dispose();
            holder = winner;
            races++;
        }
        await holder.AssertNothingMoreAsync();
        holder.Dispose();
        return (races, fresh, closed);

        async Task<Peer> TakeAsync() => spare.TryPop(out var peer) ? peer : await host.OpenAsync();
    }
}

using Holdfast.Engine;
using Holdfast.Recovery;

namespace Holdfast.Adapters;

// How a session gets what it missed.
internal sealed partial class Adapter
{
    /// <summary>Under the lock: the first slice goes out at once, so that a small replay is over before anybody else emits.</summary>
    private void Resume(Session session, List<LogEntry> missed, EncodedPacket? connectAfterwards)
    {
        var replay = new Replay(session, session.Outlet!, _recovery!, _log, missed);
        if (connectAfterwards is not null)
            replay.ConnectAfterwards(connectAfterwards);
        session.Stage = SessionStage.Resuming;
        session.Replay = replay;
        if (Step(replay, out _) != ReplayProgress.Done)
            _ = Task.Run(() => PumpAsync(replay));
    }

    private async Task PumpAsync(Replay replay)
    {
        while (true)
        {
            await replay.Outlet.WaitForDrainAsync(replay.LowWater, CancellationToken.None);
            ReplayProgress progress;
            long wait;
            EngineSession? slow = null;
            List<StoredEntry>? slice = null;
            lock (_gate)
            {
                progress = Step(replay, out wait);
                if (progress == ReplayProgress.Elsewhere)
                    slice = replay.ListSlice();
                if (progress == ReplayProgress.Overtaken && replay.Session.Replay == replay)
                    slow = Detach(replay.Session);
            }
            slow?.Discard(CloseReason.TransportError, "what was still to be replayed is gone from the log");
            if (progress is ReplayProgress.Done or ReplayProgress.Stopped or ReplayProgress.Overtaken)
                return;
            if (slice is not null)
                await ReadAsync(replay, slice);
            else if (progress == ReplayProgress.Paced)
                await Task.Delay(TimeSpan.FromTicks(wait + TimeSpan.TicksPerMillisecond - 1), server.Time); // it counts whole milliseconds, and none would be no wait
            else
                await Task.Yield(); // the outbox may be closed to us for a moment only, by one who stands in line there
        }
    }

    private async Task ReadAsync(Replay replay, List<StoredEntry> slice)
    {
        List<EncodedPacket> packets;
        try
        {
            packets = await _recovery!.ReadAsync(slice);
        }
        catch (RecoveryUnavailableException)
        {
            packets = []; // this node ends; another one has all of it
        }
        lock (_gate)
            replay.TakeSlice(packets, packets.Count == slice.Count);
    }

    /// <summary>Under the lock. A session whose replay has nothing left is live from this very step on.</summary>
    private static ReplayProgress Step(Replay replay, out long wait)
    {
        var progress = replay.Step(out wait);
        if (progress == ReplayProgress.Done && replay.Session.Replay == replay)
        {
            replay.Session.Replay = null;
            replay.Session.Stage = SessionStage.Live;
            replay.Session.CountCompletedReplay();
        }
        return progress;
    }
}

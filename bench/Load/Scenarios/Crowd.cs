using System.Diagnostics;

namespace Holdfast.Load.Scenarios;

/// <summary>Clients that go and come back together, and the one that stays and sends. All of this is called by the main thread, which waits for the workers.</summary>
internal sealed class Crowd(Stage stage, Feeder feeder)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Sends so many events to all, and returns when those who are there have them.</summary>
    public void Publish(int count, ReturningClient[] present)
    {
        Feed(count, elsewhere: false);
        stage.WaitUntil(() => Array.TrueForAll(present, client => client.Last == feeder.SentToAll), s_patience, () => "not everybody has what was sent to all");
    }

    /// <summary>Sends so many events to rooms that nobody but the sender is in.</summary>
    public void PublishElsewhere(int count) => Feed(count, elsewhere: true);

    public void Cut(ReturningClient[] clients) => OnEach(clients, client => client.Worker.Cut(client));

    /// <summary>All open their WebSockets, then all ask for their sessions. Returns the time from there until the last has all that it missed.</summary>
    public TimeSpan Return(ReturningClient[] clients)
    {
        OnEach(clients, client => client.Open(feeder.SentToAll));
        stage.WaitUntil(() => Array.TrueForAll(clients, client => client.IsGreeted), s_patience, () => "not everybody could open a WebSocket");
        var started = Stopwatch.GetTimestamp();
        OnEach(clients, client => client.AskBack());
        stage.WaitUntil(
            () => Array.TrueForAll(clients, client => client.IsBack), s_patience,
            () => $"{clients.Count(client => !client.IsBack)} of {clients.Length} clients have not got all that they missed");
        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>They are still in the room that they had joined.</summary>
    public void CheckRooms(ReturningClient[] clients)
    {
        feeder.Worker.Do(() => feeder.SendTo(ReturningClient.Room, 1));
        stage.WaitUntil(() => Array.TrueForAll(clients, client => client.HeardInRoom == 1), TimeSpan.FromSeconds(5), () => "");
        if (clients.Count(client => client.HeardInRoom != 1) is > 0 and var deaf)
            stage.Verdict.Fault("rooms lost", "a client that came back is not in its room, or twice", deaf);
    }

    private void Feed(int count, bool elsewhere)
    {
        if (count == 0)
            return;
        feeder.Worker.Do(() => feeder.Start(count, elsewhere));
        stage.WaitUntil(() => feeder.IsDone, s_patience, () => "the events that fill the log did not all come back");
    }

    private void OnEach(ReturningClient[] clients, Action<ReturningClient> act)
    {
        foreach (var worker in stage.Workers)
        {
            worker.Do(() =>
            {
                foreach (var client in clients)
                {
                    if (client.Worker != worker)
                        continue;
                    act(client);
                    worker.Flush();
                }
            });
        }
    }
}

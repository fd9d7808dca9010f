using Holdfast.Recovery;

namespace Holdfast.Sockets;

// A client has come back on another connection, and this one still has its session.
internal sealed partial class Connection
{
    /// <summary>How long the other end of a connection has to show that it is there. It is asked only when a session has been taken back and forth already.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(2);

    private Session? _taken;
    private TaskCompletionSource? _answered;

    /// <summary>This connection is over, and nothing that it still holds or hears counts.</summary>
    public void GiveWay(SessionBinding taken)
    {
        const string Why = "the client has come back on another connection";
        _taken = taken.Session;
        CloseAll(DisconnectReason.TransportClose, Why);
        Engine.GiveWay(Why);
    }

    /// <summary>The same. True: its other end was still there.</summary>
    private async Task<bool> GiveWayAliveAsync(SessionBinding taken)
    {
        var answered = _answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        GiveWay(taken);
        try
        {
            await answered.Task.WaitAsync(AnswerTime, _server.Time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>The connection that had to give way was no dead one: two clients want the same session.</summary>
    public override void OnPeerAnswered()
    {
        if (_taken is { } session)
            _ = _server.Recovery!.CountContestAsync(session);
        _answered?.TrySetResult();
    }
}

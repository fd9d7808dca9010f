using Holdfast.Sockets;

namespace Holdfast;

public sealed partial class SocketIOServer
{
    /// <summary>So many connections end together, and their clients come back together.</summary>
    private const int SliceSize = 500;

    private static readonly TimeSpan s_betweenSlices = TimeSpan.FromMilliseconds(20);

    /// <summary>So long the log may take to write down the sessions, and the slices to follow each other; then all that is left ends at once.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private volatile TaskCompletionSource? _closing;

    /// <summary>Whether <see cref="CloseAsync()"/> has been called, and <see cref="Open"/> not since.</summary>
    internal bool IsClosed => _closing is not null;

    /// <summary>
    /// Disconnects all clients and lets nobody in until <see cref="Open"/>: all sockets end with <c>server shutting down</c>, without a DISCONNECT to their clients, and with them the connections below;
    /// new ones are answered 503. Many connections end in slices, so that not all clients come back at the same moment. Completes when all have been told. The host does it by itself when it stops.
    /// With connection state recovery the sessions wait for their clients as after any other loss; where others have to know of it, a connection ends when its sessions have been written down.
    /// </summary>
    public Task CloseAsync() => CloseAsync(s_patience);

    /// <summary>Lets clients in again after <see cref="CloseAsync()"/>. Namespaces, middlewares and handlers are what they were. Does nothing on a server that is open.</summary>
    public void Open()
    {
        _closing = null;
        EngineServer.Accept();
    }

    /// <param name="patience">Beyond it nothing is waited for any more.</param>
    internal async Task CloseAsync(TimeSpan patience)
    {
        // First of all: a socket that is accepted in between ends with its connection, and for the same reason.
        var closing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _closing, closing, null) is { } former)
        {
            await former.Task;
            return;
        }
        EngineServer.Refuse();
        using (var hurry = new CancellationTokenSource(patience < s_patience ? patience : s_patience, Time))
        {
            var isFirst = true;
            foreach (var slice in EngineServer.Sessions.Chunk(SliceSize))
            {
                if (!isFirst)
                    await Task.Delay(s_betweenSlices, Time, hurry.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                isFirst = false;
                foreach (var session in slice)
                    (session.Handler as Connection)?.ShutDown();
                // Their clients may be back elsewhere as soon as they hear of the end: there it has to be known how far they were.
                if (Recovery?.Road is { } road)
                    await road.BehindAsync(static () => { }).WaitAsync(hurry.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                EngineServer.End(slice);
            }
        }
        Recovery?.Abandon(new SocketDisconnectedException(DisconnectReason.ServerShuttingDown));
        if (_closing == closing)
            EngineServer.End(EngineServer.Sessions); // those who were on their way in when the others were counted
        closing.SetResult();
    }
}

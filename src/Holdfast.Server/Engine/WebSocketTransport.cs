using System.Net.WebSockets;

namespace Holdfast.Engine;

/// <summary>
/// The session over a WebSocket. One text frame is one packet, a binary frame is a binary message; in Engine.IO 3 the frame begins with
/// its type, and a client that can't read binary frames gets base64 in text. The request's
/// own task reads and handles messages inline; one writer at a time takes all there is to send. It runs on the reader's thread for what that has queued, else on the thread pool: so a
/// broadcast costs its sender no write, and while the pool has much to do more leaves in each.
///
/// It begins as a probe, when the session is still on polling, or carries the session from the start. It ends with a farewell: the writer sends the close frame,
/// the reader waits for the answer, and a deadline aborts what takes longer. So the one deadline is the upgrade's, then the closing's, then the farewell's.
/// </summary>
internal sealed partial class WebSocketTransport(EngineSession session, bool isProbe, bool base64) : Transport(session, WebSocket), IPausable, IThreadPoolWorkItem
{
    // Without the option no message is large enough; a client may not have agreed either, and then the flag says nothing.
    private readonly int _compressFrom = session.Server.Options.PerMessageDeflate?.Threshold ?? int.MaxValue;
    private WebSocketChannel? _channel;
    private TaskCompletionSource? _writerDone;
    private WebSocketCloseStatus _farewell = WebSocketCloseStatus.NormalClosure;
    private bool _isProbe = isProbe;
    private bool _writesHeld = true;
    private bool _writing;
    private bool _closeSent;
    private volatile bool _ended;

    public override bool IsWritable => !_writing && !_writesHeld && !_ended;

    /// <summary>Runs until the connection is over; the session's end, if it isn't over before, is part of that.</summary>
    public Task RunAsync(WebSocketChannel channel)
    {
        lock (Session.Gate)
        {
            _channel = channel;
            if (_ended)
            {
                // Closed while the WebSocket was being accepted.
                Abort();
            }
            else if (!_isProbe)
            {
                Release();
            }
        }

        return ReadAsync(channel);
    }

    /// <summary>The reader is done. The writer may still have its close frame to send; the deadline ends one that hangs.</summary>
    private async ValueTask EndAsync(WebSocketChannel channel)
    {
        Task? writing = null;
        lock (Session.Gate)
        {
            if (_writing)
            {
                writing = (_writerDone = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }

        if (writing is not null)
        {
            await writing;
        }

        lock (Session.Gate)
        {
            Session.Server.Clock.Cancel(this);
        }

        channel.Dispose();
    }

    public override void Notify()
    {
        if (_writing || _writesHeld)
        {
            return;
        }

        // A handler that sends very much has it written beside it, lest it fill the outbox while nobody empties it.
        if (_readingThread == Environment.CurrentManagedThreadId && Session.Weight < Math.Min(BatchBytes, Session.Server.Options.OutboxLimit))
        {
            _hasQueued = true;
        }
        else
        {
            _writing = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Under the gate: the session is on this transport now, but nothing is written before <see cref="Release"/>.</summary>
    public void TakeOver() => _isProbe = false;

    /// <summary>Under the gate: writing may begin.</summary>
    public void Release()
    {
        _writesHeld = false;
        Notify();
    }

    public override void End(CloseReason reason, bool abort)
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        if (abort || _channel is null)
        {
            _writesHeld = true;
            Abort();
            return;
        }

        Session.Server.FarewellLane.Start(this);
        _writesHeld = false;
        Notify();
    }

    /// <summary>The upgrade, the closing or the farewell has taken too long.</summary>
    protected override void OnDeadline()
    {
        bool isProbe;
        lock (Session.Gate)
        {
            if (_ended)
            {
                Abort();
                return;
            }

            isProbe = _isProbe;
        }

        if (isProbe)
        {
            EndProbe();
        }
        else
        {
            Session.FinishClosing(abort: true);
        }
    }

    // The reader itself waits for the handler, and writing goes on: there is nothing to do for a pause.
    void IPausable.OnPause()
    {
    }

    void IPausable.OnResume()
    {
    }

    /// <summary>Under the gate, so on another thread: an abort may run the reader's continuation, and with it anyone's code, on the spot.</summary>
    private void Abort()
    {
        if (_channel is { } channel)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static c => c.Abort(), channel, preferLocal: false);
        }
    }

    /// <summary>The probe failed or came too late; the session stays on polling.</summary>
    private void EndProbe()
    {
        Session.OnProbeLost(this);
        lock (Session.Gate)
        {
            End(CloseReason.TransportError, abort: false);
        }
    }
}

using Holdfast.Protocol;

namespace Holdfast.Engine;

/// <summary>
/// One client's connection, whichever transport carries it at the moment. All of its state is guarded by one gate; under the gate only state changes and work is
/// queued. Everything that can call someone else (the handler, waiters, the network) happens after the gate is left, on the strength of what was decided under it.
///
///     Opening -> Open -> Closing -> Closed
///
/// The parts: this file sends, .Receive delivers, .Heartbeat pings, .Upgrade moves from polling to WebSocket, .Room makes senders wait, .Flush tells them what has left, .Close ends, .Listeners has the public face.
/// </summary>
internal sealed partial class EngineSession : Deadline
{
    private readonly EngineServer _server;
    private readonly Lock _gate = new();
    private Transport _transport;
    private SessionHandler? _handler;
    private Outbox _outbox;
    private int _unsentBytes;

    public EngineSession(EngineServer server, string id, Handshake handshake, Func<EngineSession, Transport> createTransport, int protocol = 4)
    {
        _server = server;
        Id = id;
        Protocol = protocol;
        Handshake = handshake;
        Opened = server.Clock.Now;
        _transport = createTransport(this);

        // The session may be closed before its handler is made, or while it is: OnClosed then has to wait until there is someone to tell.
        _delivering = true;
    }

    public string Id { get; }

    /// <summary>The revision of the Engine.IO protocol: 4, or 3 where the options allow it.</summary>
    public int Protocol { get; }

    public Handshake Handshake { get; }

    public string TransportName => _transport.Name;

    public SessionState State { get; private set; }

    /// <summary>Whether the session moved from polling to WebSocket.</summary>
    public bool IsUpgraded { get; private set; }

    internal Lock Gate => _gate;

    /// <summary>Null: the session is only being opened.</summary>
    internal SessionHandler? Handler => _handler;

    internal EngineServer Server => _server;

    internal Transport Transport => _transport;

    internal long Opened { get; }

    /// <summary>
    /// Queues a packet. False: the outbox is full, or others are waiting for room; nothing was queued. Never waits, so it may be called under the caller's lock.
    /// True after the session closed, when the packet is dropped.
    /// </summary>
    public bool TrySend(EncodedPacket packet)
    {
        lock (_gate)
        {
            if (State >= SessionState.Closing)
            {
                return true;
            }

            if (IsFull || LineIsClosedToCaller)
            {
                return false;
            }

            Enqueue(packet);
            return true;
        }
    }

    /// <summary>Queues a packet, however full the outbox is: for what belongs to the handshake. After the session closed it is dropped.</summary>
    public void Send(EncodedPacket packet)
    {
        lock (_gate)
        {
            if (State < SessionState.Closing)
            {
                Enqueue(packet);
            }
        }
    }

    /// <summary>Sends the packet only if it can leave at once; otherwise it is dropped, and the answer is false.</summary>
    public bool TrySendVolatile(EncodedPacket packet)
    {
        lock (_gate)
        {
            // A queued packet makes the transport not writable, so of two volatile packets in a row only the first goes out.
            if (!CanLeaveNow || LineIsClosedToCaller)
            {
                return false;
            }

            Enqueue(packet);
            return true;
        }
    }

    /// <summary>Whether a packet that is sent now would leave now: what a volatile one looks at.</summary>
    public bool IsWritable
    {
        get
        {
            lock (_gate)
            {
                return CanLeaveNow;
            }
        }
    }

    /// <summary>
    /// Connects the session to what sits on top. The open packet, and the application's own first one, go before anything that the handler sends. False: the application's part failed, and the session has ended.
    /// </summary>
    internal bool Open(EncodedPacket open, EncodedPacket? initial, Func<EngineSession, SessionHandler> createHandler)
    {
        lock (_gate)
        {
            if (State < SessionState.Closing)
            {
                Enqueue(open);
                if (initial is not null)
                {
                    Enqueue(initial);
                }
            }
        }

        _handler = createHandler(this);
        var isWelcome = TryWelcome();
        lock (_gate)
        {
            if (State == SessionState.Opening)
            {
                State = SessionState.Open;
                BeginHeartbeat();
            }
        }

        EndDelivery();
        return isWelcome;
    }

    private bool TryWelcome()
    {
        try
        {
            _server.Endpoint.Welcome(this);
            return true;
        }
        catch (Exception exception)
        {
            return OnHandlerFailed(exception);
        }
    }

    /// <summary>
    /// Under the gate: moves packets into the batch, at least one if there is any, as many as fit into it and into the bytes. Their bytes stay counted
    /// until <see cref="Sent"/>: what is being written occupies the outbox as well.
    /// </summary>
    internal int TakeBatch(Span<EncodedPacket> batch, int maxBytes)
    {
        var count = 0;
        var bytes = 0L;
        while (count < batch.Length && _outbox.Count > 0)
        {
            bytes += PollingPayload.LengthOf(_outbox.Peek()) + 1;
            if (count > 0 && bytes > maxBytes)
            {
                break;
            }

            batch[count++] = _outbox.Dequeue();
        }

        _beingWritten += count;
        return count;
    }

    /// <summary>Under the gate: a batch that never reached the wire goes back to where it stood.</summary>
    internal void PutBack(ReadOnlySpan<EncodedPacket> batch)
    {
        if (State == SessionState.Closed)
        {
            return;
        }

        for (var i = batch.Length - 1; i >= 0; i--)
        {
            _outbox.PushFront(batch[i]);
        }

        _beingWritten -= batch.Length;
    }

    /// <summary>Under the gate.</summary>
    internal int QueuedCount => _outbox.Count;

    private void Enqueue(EncodedPacket packet)
    {
        _outbox.Enqueue(packet);
        _unsentBytes += packet.Size;
        _transport.Notify();
    }

    private bool CanLeaveNow => State is SessionState.Opening or SessionState.Open && _outbox.Count == 0 && _transport.IsWritable;

    private void EnqueueFirst(EncodedPacket packet)
    {
        OnPutFirst();
        _outbox.PushFront(packet);
        _unsentBytes += packet.Size;
        _transport.Notify();
    }
}

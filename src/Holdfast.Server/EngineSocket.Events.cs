namespace Holdfast;

// What happens to a connection. Each method adds a listener, of which there may be several; they run in the order in which they were added. Who listens to nothing pays nothing.
public sealed partial class EngineSocket
{
    /// <summary>
    /// Adds what is called with each message. Add it in the connection callback, before any message is read. Messages come one at a time, in the order of arrival; on a Socket.IO server they come here before they
    /// are handled. An exception closes the session and is logged as the application's error.
    /// </summary>
    public void OnMessage(Action<EngineMessage> listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        _session.Listeners.Add(ref _session.Listeners.Message, message =>
        {
            listener(message);
            return ValueTask.CompletedTask;
        });
    }

    /// <summary>
    /// As <see cref="OnMessage(Action{EngineMessage})"/>, asynchronously: nothing more is read from this client until the task is finished. An exception closes the
    /// session and is logged as the application's error.
    /// </summary>
    public void OnMessage(Func<EngineMessage, Task> listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        _session.Listeners.Add(ref _session.Listeners.Message, message => new ValueTask(listener(message)));
    }

    /// <summary>Adds what is called with each packet that arrives, whatever its kind, before it is handled. An exception is logged and changes nothing.</summary>
    public void OnPacket(Action<EnginePacketInfo> listener) => Add(ref _session.Listeners.Packet, listener);

    /// <summary>
    /// Adds what is called with each packet of the session that goes out, in order, right before it is written; packets that are dropped because the session closed first never come here. Added in the
    /// connection callback it sees the handshake packet, too. An exception is logged and changes nothing.
    /// </summary>
    public void OnPacketCreate(Action<EnginePacketInfo> listener) => Add(ref _session.Listeners.PacketCreate, listener);

    /// <summary>Adds what is called when the client has shown that it lives: its pong has come, or its ping with Engine.IO 3. An exception is logged and changes nothing.</summary>
    public void OnHeartbeat(Action listener) => Add(ref _session.Listeners.Heartbeat, listener);

    /// <summary>Adds what is called, with the name of the transport, when the client tries one that it may move to. An exception is logged and changes nothing.</summary>
    public void OnUpgrading(Action<string> listener) => Add(ref _session.Listeners.Upgrading, listener);

    /// <summary>Adds what is called, with the name of the transport, when the session has moved to it, before anything is read from there. An exception is logged and changes nothing.</summary>
    public void OnUpgrade(Action<string> listener) => Add(ref _session.Listeners.Upgrade, listener);

    /// <summary>Adds what is called with the packets that are taken out of the queue together, right before they are written. An exception is logged and changes nothing.</summary>
    public void OnFlush(Action<IReadOnlyList<EnginePacketInfo>> listener) => Add(ref _session.Listeners.Flush, listener);

    /// <summary>Adds what is called when everything that was queued has been written. An exception is logged and changes nothing.</summary>
    public void OnDrain(Action listener) => Add(ref _session.Listeners.Drain, listener);

    /// <summary>
    /// Adds what is called once when the session has closed, with the reason and, for logs, a detail. One that is added after that is not called. An exception is logged and changes nothing.
    /// </summary>
    public void OnClose(Action<CloseReason, string?> listener) => Add(ref _session.Listeners.Close, listener);

    private void Add<T>(ref T[] listeners, T listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        _session.Listeners.Add(ref listeners, listener);
    }
}

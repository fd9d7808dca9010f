using Holdfast.Diagnostics;
using Holdfast.Protocol;

namespace Holdfast.Engine;

/// <summary>Those who listen to this session, and its public face: made when somebody asks, and null before.</summary>
internal sealed partial class EngineSession
{
    private EngineSocket? _socket;
    private SessionListeners? _listeners;

    /// <summary>The one public face of this session.</summary>
    internal EngineSocket Socket => _socket ?? Interlocked.CompareExchange(ref _socket, new EngineSocket(this), null) ?? _socket;

    internal SessionListeners Listeners =>
        _listeners ?? Interlocked.CompareExchange(ref _listeners, new SessionListeners(_server.Logger.ListenerFailed), null) ?? _listeners;

    /// <summary>Outside the gate, by the writer: the batch is about to be written.</summary>
    internal void Flushing(ReadOnlySpan<EncodedPacket> batch) => _listeners?.OnFlush(batch);

    /// <summary>The message goes to those who listen to the connection itself, one after the other, and then to the handler.</summary>
    private ValueTask HandAsync(in EnginePacket packet)
    {
        var listeners = _listeners?.Message;
        return listeners is not { Length: > 0 } ? _handler!.OnMessageAsync(packet.Data, packet.IsBinary) : HandToAllAsync(listeners, packet.Data, packet.IsBinary);
    }

    private async ValueTask HandToAllAsync(Func<EngineMessage, ValueTask>[] listeners, ReadOnlyMemory<byte> data, bool isBinary)
    {
        foreach (var listener in listeners)
        {
            await listener(new EngineMessage(data, isBinary));
        }

        // One of them may have closed the session.
        if (State == SessionState.Open)
        {
            await _handler!.OnMessageAsync(data, isBinary);
        }
    }
}

using Holdfast.Protocol;

namespace Holdfast.Engine;

/// <summary>
/// Who listens to one session, made when the first one does. Each list is replaced as a whole when it grows, so it is read without a lock; all calls happen outside the session's gate, by the reader or the writer whose
/// work they tell about. An exception of a listener is logged and keeps nobody else from being told.
/// </summary>
internal sealed class SessionListeners(Action<Exception> log)
{
    private readonly Lock _gate = new();

    public Action<EnginePacketInfo>[] Packet = [];
    public Action<EnginePacketInfo>[] PacketCreate = [];
    public Func<EngineMessage, ValueTask>[] Message = [];
    public Action[] Heartbeat = [];
    public Action<string>[] Upgrading = [];
    public Action<string>[] Upgrade = [];
    public Action<IReadOnlyList<EnginePacketInfo>>[] Flush = [];
    public Action[] Drain = [];
    public Action<CloseReason, string?>[] Close = [];

    public void Add<T>(ref T[] listeners, T listener)
    {
        lock (_gate)
        {
            Volatile.Write(ref listeners, [.. listeners, listener]);
        }
    }

    public void OnPacket(in EnginePacket packet)
    {
        if (Packet.Length > 0)
        {
            Tell(Packet, new EnginePacketInfo((EnginePacketKind)packet.Type, packet.Data, packet.IsBinary), static (listener, info) => listener(info));
        }
    }

    public void OnHeartbeat() => Tell(Heartbeat, 0, static (listener, _) => listener());

    public void OnUpgrading(string transport) => Tell(Upgrading, transport, static (listener, name) => listener(name));

    public void OnUpgrade(string transport) => Tell(Upgrade, transport, static (listener, name) => listener(name));

    public void OnDrain() => Tell(Drain, 0, static (listener, _) => listener());

    public void OnClose(CloseReason reason, string? description) =>
        Tell(Close, (reason, description), static (listener, end) => listener(end.reason, end.description));

    /// <summary>These packets are about to be written.</summary>
    public void OnFlush(ReadOnlySpan<EncodedPacket> batch)
    {
        if (Flush.Length == 0 && PacketCreate.Length == 0)
        {
            return;
        }

        var packets = new List<EnginePacketInfo>(batch.Length);
        foreach (var packet in batch)
        {
            Unpack(packet, packets);
        }

        foreach (var packet in packets)
        {
            Tell(PacketCreate, packet, static (listener, info) => listener(info));
        }

        Tell(Flush, packets, static (listener, all) => listener(all));
    }

    /// <summary>What we send together is one packet for us and one for each part on the wire.</summary>
    private static void Unpack(EncodedPacket packet, List<EnginePacketInfo> packets)
    {
        if (!packet.Text.IsEmpty)
        {
            packets.Add(new((EnginePacketKind)(packet.Text.Span[0] - (byte)'0'), packet.Text[1..], IsBinary: false));
        }

        foreach (var attachment in packet.Attachments)
        {
            packets.Add(new(EnginePacketKind.Message, attachment, IsBinary: true));
        }
    }

    private void Tell<TListener, TValue>(TListener[] listeners, TValue value, Action<TListener, TValue> call)
    {
        foreach (var listener in listeners)
        {
            try
            {
                call(listener, value);
            }
            catch (Exception exception)
            {
                log(exception);
            }
        }
    }
}

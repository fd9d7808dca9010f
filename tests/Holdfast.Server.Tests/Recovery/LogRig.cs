using System.Text;
using Holdfast.Engine;
using Holdfast.Protocol;
using Holdfast.Recovery;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

/// <summary>A log with one namespace and the sessions in it, without sockets.</summary>
internal sealed class LogRig : IDisposable
{
    public LogRig(Action<ConnectionStateRecoveryOptions>? configure = null)
    {
        configure?.Invoke(Options);
        Clock = new EngineClock(Time);
        Store = new RecoveryStore(Options, Clock, TimeSpan.FromSeconds(45), (session, reason) => Expired.Add((session, reason)));
    }

    public ConnectionStateRecoveryOptions Options { get; } = new();

    public FakeTime Time { get; } = new();

    public EngineClock Clock { get; }

    public RecoveryStore Store { get; }

    public EventLog Log => Store.Log;

    public NamespaceLog Home { get; } = new();

    public List<(Session Session, SessionExpiryReason Reason)> Expired { get; } = [];

    public static PacketParser Parser { get; } = new JsonPacketParser();

    /// <summary>A session that began at this moment.</summary>
    public Session Begin(string id = "self", string? user = null)
    {
        var session = new Session(id, "/", Parser, Time, 1_000_000) { User = user, Stage = SessionStage.Live };
        session.BeginAt(Log.Head);
        return session;
    }

    /// <summary>Appends an event of so many bytes for these sessions.</summary>
    public long Append(string[] rooms, string[]? except = null, int size = 100, params Session[] addressed)
    {
        var packet = Packet(size);
        Log.StampNext(packet);
        Log.Append(Home, rooms, except ?? [], packet);
        foreach (var session in addressed)
            session.LastAddressed = Log.Head;
        return Log.Head;
    }

    public EncodedPacket Packet(int size = 100)
    {
        var text = "42[\"e\",\"\",\"" + Log.Offsets.Template + "\"]";
        return Positioned(text.Insert(8, new string('x', Math.Max(0, size - text.Length))));
    }

    public void Join(Session session, string room) => session.Memberships.Add(room, new Membership(session, Log.Head));

    public void Leave(Session session, string room)
    {
        session.Memberships.Remove(room, out var left);
        session.Remember(room, left!, Log.Head, Log.Tail);
    }

    public long[] Missed(Session session, long after) => [.. Home.Missed(session, after).Select(entry => entry.Sequence)];

    public string Offset(long sequence) => Text(Store.Log.Offsets, sequence);

    /// <summary>An event whose last argument is an offset.</summary>
    public static EncodedPacket Positioned(string text) => new(Encoding.UTF8.GetBytes(text)) { OffsetStart = text.Length - 2 - "AAAAAAAA.0000000000".Length };

    public static string Text(OffsetCodec codec, long sequence)
    {
        var packet = Positioned($"42[\"{codec.Template}\"]");
        codec.Stamp(packet, sequence);
        return Encoding.UTF8.GetString(packet.Text.Span)[4..^2];
    }

    public void Dispose() => Clock.Dispose();
}

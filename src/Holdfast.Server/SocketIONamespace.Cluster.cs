using Holdfast.Adapters;
using Holdfast.Cluster;
using Holdfast.Protocol;

namespace Holdfast;

// What a namespace does together with those of the same name on other servers. Methods of their own: what they close over costs nothing where there are no others.
public sealed partial class SocketIONamespace
{
    private ServerSideSocket? _serverSide;

    /// <summary>Null: nobody has ever listened to other servers.</summary>
    internal ServerSideSocket? ServerSide => System.Threading.Volatile.Read(ref _serverSide);

    internal ServerSideSocket ServerSideHandlers
    {
        get
        {
            if (ServerSide is null)
                Interlocked.CompareExchange(ref _serverSide, new ServerSideSocket(this), null);
            return _serverSide!;
        }
    }

    /// <summary>Asks all who match for an answer. Completes when they have been asked; the caller closes the answers when it has asked all whom it wants to ask.</summary>
    /// <param name="target">Who they are.</param>
    /// <param name="eventName">The event.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="answers">Gets the answers.</param>
    /// <param name="limit">How long these are waited for.</param>
    internal Task AskAsync(BroadcastTarget target, string eventName, object?[] arguments, BroadcastAnswers answers, TimeSpan limit)
    {
        if (Server.Cluster is { } cluster && !target.Local)
            return cluster.AskAsync(this, target, eventName, arguments, answers, limit);
        var ask = PrepareQuestion(target, eventName, arguments, answers, out var outgoing);
        var asked = Adapter.BehindAsync(ask);
        return outgoing is null ? asked : outgoing.TellBehind(asked);
    }

    /// <summary>An event that is answered, for the sockets of this server: encoded now, sent when what is returned is called. Then the caller tells those who listen to what goes out.</summary>
    internal Action PrepareQuestion(BroadcastTarget target, string eventName, object?[] arguments, BroadcastQuestion question, out OutgoingEvent? outgoing)
    {
        var packet = Parser.EncodeEvent(Name, question.Id, eventName, arguments);
        packet.Compress = target.Compress;
        var announced = outgoing = Announce(eventName, arguments);
        return () => Adapter.PublishWithAck(target, packet, question, announced);
    }

    /// <summary>An event of another server for the sockets of this one: encoded now, sent when what is returned is called.</summary>
    internal Action PrepareBroadcast(BroadcastTarget target, string eventName, object?[] arguments)
    {
        var packet = Encode(eventName, arguments);
        packet.Compress = target.Compress;
        EncodedPacket? bare = null;
        if (Adapter.NeedsBareForm)
        {
            bare = Encode(eventName, arguments, withOffset: false);
            bare.Compress = target.Compress;
        }
        var outgoing = Announce(eventName, arguments);
        return () =>
        {
            Adapter.Publish(target, packet, bare, outgoing);
            if (outgoing is not null)
                ThreadPool.UnsafeQueueUserWorkItem(static sent => sent.Tell(), outgoing, preferLocal: false);
        };
    }

    /// <summary>The matching sessions of this server join rooms, or leave them.</summary>
    internal void ChangeRoomsHere(BroadcastTarget target, string[] rooms, bool join)
    {
        foreach (var session in Adapter.Match(target))
        {
            if (join)
                Adapter.Join(session, rooms);
            else
                Adapter.Leave(session, rooms);
        }
    }

    /// <summary>The matching sessions of this server are ended, by another thread: what the application does when clients leave holds up no message.</summary>
    internal void DisconnectHere(BroadcastTarget target, bool close)
    {
        foreach (var session in Adapter.Match(target))
            ThreadPool.UnsafeQueueUserWorkItem(static kicked => kicked.Namespace.Disconnect(kicked.Session, kicked.Close), (Namespace: this, Session: session, Close: close), preferLocal: false);
    }

    private Task PublishAsync(ClusterNode cluster, BroadcastTarget target, string eventName, object?[] arguments, EncodedPacket packet, EncodedPacket? bare, OutgoingEvent? outgoing) =>
        cluster.DoAsync(new BroadcastMessage(Name, target, eventName, cluster.Capture(arguments), null), () => Adapter.Publish(target, packet, bare, outgoing));

    private Task ChangeRoomsAsync(ClusterNode cluster, BroadcastTarget target, string[] rooms, bool join) =>
        cluster.DoAsync(new RoomsMessage(Name, target, rooms, join), () => ChangeRoomsHere(target, rooms, join));

    private Task DisconnectAllAsync(ClusterNode cluster, BroadcastTarget target, bool close) =>
        cluster.DoAsync(
            new DisconnectMessage(Name, target, close),
            () =>
            {
                foreach (var session in Adapter.Match(target))
                    Disconnect(session, close);
            });
}

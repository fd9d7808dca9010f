using System.Collections.Concurrent;
using Holdfast.Adapters;
using Holdfast.Recovery;

namespace Holdfast;

/// <summary>
/// A namespace: clients join it over their connection, beside others, and are sockets there. Its middlewares decide who may, its connection handlers set each socket up.
/// Emitting to it reaches all of its sockets. All members are thread safe; register middlewares and handlers before clients come.
/// </summary>
public sealed partial class SocketIONamespace : ClusterBroadcaster
{
    private readonly ConcurrentDictionary<string, ServerSocket> _sockets = new(StringComparer.Ordinal);
    private readonly SocketIONamespace[] _self;

    internal SocketIONamespace(SocketIOServer server, string name, ParentNamespace? parent = null)
    {
        Server = server;
        Name = name;
        Parent = parent;
        Adapter = new Adapter(server, name, this);
        Adapter.Attach();
        _self = [this];
        if (parent is not null)
            TakeHandlers(parent.Template);
    }

    /// <summary>The name, with its leading slash.</summary>
    public string Name { get; }

    /// <summary>The server that it belongs to.</summary>
    public SocketIOServer Server { get; }

    /// <summary>The sockets that are connected to this namespace on this node, at this moment.</summary>
    public IReadOnlyCollection<ServerSocket> Sockets => (IReadOnlyCollection<ServerSocket>)_sockets.Values;

    internal Adapter Adapter { get; }

    internal PacketParser Parser => Server.Parser;

    internal override SocketIOServer Owner => Server;

    internal override SocketIONamespace[] Reach => IsRemoved ? Successor : _self;

    private protected override BroadcastTarget Target => BroadcastTarget.Everyone;

    private protected override SocketIONamespace Self => this;

    /// <summary>Looks for a connected socket of this node by its id.</summary>
    public ServerSocket? FindSocket(string id) => _sockets.GetValueOrDefault(id);

    internal void Add(ServerSocket socket) => _sockets[socket.Id] = socket;

    // Both id and object must fit: a newer socket of the same id stays.
    internal void Remove(ServerSocket socket) => _sockets.TryRemove(KeyValuePair.Create(socket.Id, socket));

    /// <summary>Encodes an event without ack; with recovery so that its position can be written into it, unless its receiver is told none.</summary>
    internal EncodedPacket Encode(string eventName, ReadOnlySpan<object?> arguments, bool withOffset = true)
    {
        var template = withOffset ? Adapter.OffsetTemplate : null;
        var packet = Parser.EncodeEvent(Name, Packet.NoAck, eventName, arguments, template);
        return template is null ? packet : OffsetCodec.Verify(packet, template);
    }

    internal Task PublishAsync(BroadcastTarget target, string eventName, object?[] arguments)
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
        var published = Server.Cluster is { } cluster && cluster.CarriesEvents(target)
            ? PublishAsync(cluster, target, eventName, arguments, packet, bare, outgoing)
            : Adapter.PublishAsync(target, packet, bare, outgoing);
        return outgoing is null ? published : outgoing.TellBehind(published);
    }

    internal Task JoinAllAsync(BroadcastTarget target, string[] rooms) => ChangeRoomsAsync(target, rooms, join: true);

    internal Task LeaveAllAsync(BroadcastTarget target, string[] rooms) => ChangeRoomsAsync(target, rooms, join: false);

    internal Task DisconnectAllAsync(BroadcastTarget target, bool close)
    {
        if (Adapter.IsShared)
            return Adapter.KickAsync(target, close);
        if (Server.Cluster is { } cluster && cluster.Carries(target))
            return DisconnectAllAsync(cluster, target, close);
        foreach (var session in Adapter.Match(target))
            Disconnect(session, close);
        return Task.CompletedTask;
    }

    private Task ChangeRoomsAsync(BroadcastTarget target, string[] rooms, bool join)
    {
        if (Adapter.IsShared)
            return Adapter.ChangeRoomsAsync(target, rooms, join);
        if (Server.Cluster is { } cluster && cluster.Carries(target))
            return ChangeRoomsAsync(cluster, target, rooms, join);
        ChangeRoomsHere(target, rooms, join);
        return Task.CompletedTask;
    }

    /// <summary>Ends a session, and the socket that has it if there is one.</summary>
    internal void Disconnect(Session session, bool close) => (Adapter.Kick(session)?.Socket as ServerSocket)?.Disconnect(close);
}

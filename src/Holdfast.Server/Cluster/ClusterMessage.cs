using Holdfast.Adapters;
using Holdfast.Recovery;

namespace Holdfast.Cluster;

/// <summary>What servers say to each other. The numbers are those of the original's adapters: a bus that shares a broker with such servers writes them as they do.</summary>
internal enum ClusterMessageType : byte
{
    InitialHeartbeat = 1,
    Heartbeat,
    Broadcast,
    SocketsJoin,
    SocketsLeave,
    DisconnectSockets,
    FetchSockets,
    FetchSocketsResponse,
    ServerSideEmit,
    ServerSideEmitResponse,
    BroadcastClientCount,
    BroadcastAck,
    AdapterClose,

    // From here on our own, which no other server understands.
    Session = 64,
    SessionResponse,
}

/// <summary>
/// One thing that a server says to the others, as values: the form in which it travels is the bus's business. Values of the application are in the form of <see cref="PacketParser.Capture"/>, and all
/// servers of a cluster use the same parser.
/// </summary>
/// <param name="Type">What it is.</param>
/// <param name="Namespace">Which namespace it is about.</param>
internal abstract record ClusterMessage(ClusterMessageType Type, string Namespace);

/// <summary>A server is there, or goes: for a bus that does not know by itself.</summary>
internal sealed record PresenceMessage(ClusterMessageType Type) : ClusterMessage(Type, "/");

/// <summary>An event for the clients of all servers.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Target">Which of its sockets. Its time limit is how long the one who asks waits for answers; null: as long as it takes.</param>
/// <param name="EventName">The event.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="RequestId">The clients are to answer this question; null: nothing is to be answered.</param>
internal sealed record BroadcastMessage(string Namespace, BroadcastTarget Target, string EventName, EventArguments Arguments, string? RequestId)
    : ClusterMessage(ClusterMessageType.Broadcast, Namespace);

/// <summary>How many clients of one server have been asked.</summary>
internal sealed record ClientCountMessage(string Namespace, string RequestId, int Count) : ClusterMessage(ClusterMessageType.BroadcastClientCount, Namespace);

/// <summary>The answer of one client; null: it is gone, and will not answer.</summary>
internal sealed record ClientAnswerMessage(string Namespace, string RequestId, EventArguments? Answer) : ClusterMessage(ClusterMessageType.BroadcastAck, Namespace);

/// <summary>Sockets join rooms, or leave them, wherever they are.</summary>
internal sealed record RoomsMessage(string Namespace, BroadcastTarget Target, string[] Rooms, bool Join)
    : ClusterMessage(Join ? ClusterMessageType.SocketsJoin : ClusterMessageType.SocketsLeave, Namespace);

/// <summary>Sockets are disconnected, wherever they are.</summary>
internal sealed record DisconnectMessage(string Namespace, BroadcastTarget Target, bool Close) : ClusterMessage(ClusterMessageType.DisconnectSockets, Namespace);

/// <summary>Which sockets does each server have?</summary>
internal sealed record FetchMessage(string Namespace, BroadcastTarget Target, string RequestId) : ClusterMessage(ClusterMessageType.FetchSockets, Namespace);

/// <summary>These. One server may need several messages for all of its sockets.</summary>
internal sealed record FetchedMessage(string Namespace, string RequestId, IReadOnlyList<FetchedSocket> Sockets, bool IsLast) : ClusterMessage(ClusterMessageType.FetchSocketsResponse, Namespace);

/// <summary>A socket as its server describes it.</summary>
internal sealed record FetchedSocket(string Id, Handshake Handshake, string[] Rooms, SocketData Data);

/// <summary>An event for the other servers themselves.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="EventName">The event.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="RequestId">Each is to answer this question; null: nothing is to be answered.</param>
internal sealed record ServerSideMessage(string Namespace, string EventName, EventArguments Arguments, string? RequestId) : ClusterMessage(ClusterMessageType.ServerSideEmit, Namespace);

/// <summary>The answer of one server; null: it has none.</summary>
internal sealed record ServerSideAnswerMessage(string Namespace, string RequestId, EventArgument? Answer) : ClusterMessage(ClusterMessageType.ServerSideEmitResponse, Namespace);

/// <summary>How does this session stand? For servers that share a log, when one of them has not read everything.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Id">The session.</param>
/// <param name="Fence">Which claim it is held by, as far as the one who asks knows. Of one that is held by another there is nothing to say.</param>
/// <param name="RequestId">The question.</param>
internal sealed record SessionMessage(string Namespace, string Id, long Fence, string RequestId) : ClusterMessage(ClusterMessageType.Session, Namespace);

/// <summary>So, at the place of the question. Null: this server does not know it, or has not read everything either.</summary>
internal sealed record SessionAnswerMessage(string Namespace, string RequestId, SessionRecord? Known) : ClusterMessage(ClusterMessageType.SessionResponse, Namespace);

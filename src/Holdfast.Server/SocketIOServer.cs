using System.Security.Cryptography;
using Holdfast.Adapters;
using Holdfast.Cluster;
using Holdfast.Diagnostics;
using Holdfast.Engine;
using Holdfast.Protocol;
using Holdfast.Recovery;
using Holdfast.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast;

/// <summary>
/// The Socket.IO server of a host: registered by <c>AddSocketIO</c>, mounted by <c>MapSocketIO</c>, and injectable wherever something is to be emitted. What it has of a namespace (emitting,
/// operators, middlewares, connections) belongs to the namespace <c>/</c>. All members are thread safe.
/// </summary>
public sealed partial class SocketIOServer : ClusterBroadcaster
{
    private int _mounted;
    private int _foreignOffsets;
    private long _lastAckId = RandomNumberGenerator.GetInt32(1 << 20) * (1L << 20);

    internal SocketIOServer(IOptions<SocketIOOptions> options, TimeProvider time, EngineServices engine, SocketsMeter meter, ILoggerFactory loggers, IServiceProvider services)
    {
        Services = services;
        Meter = meter;
        Options = options.Value;
        Time = time;
        Log = loggers.CreateLogger("Holdfast.Sockets");
        Parser = Options.Parser ?? new JsonPacketParser(Options.JsonSerializerOptions, Options.MaxAttachments);
        EngineServer = new EngineServer(Options, Connect, engine);
        Namespaces = new NamespaceTable(this);
        ConnectDeadlines = EngineServer.Clock.CreateLane(Options.ConnectTimeout);
        if (Options.ConnectionStateRecovery is { } recovery)
        {
            Recovery = new RecoveryStore(recovery, EngineServer.Clock, Options.PingInterval + Options.PingTimeout, (session, reason) => Namespaces.Find(session.Namespace)?.Adapter.Expire(session, reason), Shared(services));
            if (Recovery.Road is not null)
            {
                EngineServer.Refuse(); // until the host has opened the log
                Recovery.Log.TooSmall = reach => Log.WindowTooSmall(reach, recovery.MaxDisconnectionDuration);
            }
            meter.Observe(() => Recovery.Sessions.ParkedCount, () => Recovery.Log.Count, () => Recovery.Log.Bytes, () => Recovery.Log.Reach.TotalSeconds);
        }
        Sockets = Of("/");
        if (Recovery?.Road is { } road)
            Cluster = new ClusterNode(this, new LogBus(road, Parser), hasLog: true);
        else if (services.GetService(typeof(IClusterBus)) is IClusterBus bus)
            Cluster = new ClusterNode(this, bus, hasLog: false);
    }

    /// <summary>The namespace <c>/</c>.</summary>
    public SocketIONamespace Sockets { get; }

    /// <summary>The connection layer: its clients, refused requests, the headers of answers.</summary>
    public EngineIOEndpoint Engine => EngineServer.Endpoint;

    /// <summary>How many servers the cluster has at this moment, as far as this one knows, which counts itself: 1 where it stands alone.</summary>
    public int ServerCount => Cluster?.ServerCount ?? 1;

    internal SocketIOOptions Options { get; }

    internal TimeProvider Time { get; }

    internal IServiceProvider Services { get; }

    internal ILogger Log { get; }

    internal SocketsMeter Meter { get; }

    internal PacketParser Parser { get; }

    internal EngineServer EngineServer { get; }

    internal DeadlineLane ConnectDeadlines { get; }

    /// <summary>Null: connection state recovery is off.</summary>
    internal RecoveryStore? Recovery { get; }

    internal NamespaceTable Namespaces { get; }

    /// <summary>Null: the server stands alone.</summary>
    internal ClusterNode? Cluster { get; }

    internal override SocketIOServer Owner => this;

    internal override SocketIONamespace[] Reach => Sockets.Reach;

    private protected override BroadcastTarget Target => BroadcastTarget.Everyone;

    private protected override SocketIONamespace Self => Sockets;

    /// <inheritdoc cref="SocketIONamespace.Use"/>
    public SocketIOServer Use(Func<ServerSocket, Func<Task>, Task> middleware)
    {
        Sockets.Use(middleware);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnConnection(Func{ServerSocket, Task})"/>
    public SocketIOServer OnConnection(Func<ServerSocket, Task> handler)
    {
        Sockets.OnConnection(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnConnection(Func{ServerSocket, Task})"/>
    public SocketIOServer OnConnection(Action<ServerSocket> handler)
    {
        Sockets.OnConnection(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnRecovering(Func{SocketSession, Handshake, Task{bool}})"/>
    public SocketIOServer OnRecovering(Func<SocketSession, Handshake, Task<bool>> handler)
    {
        Sockets.OnRecovering(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnRecovering(Func{SocketSession, Handshake, Task{bool}})"/>
    public SocketIOServer OnRecovering(Func<SocketSession, Handshake, bool> handler)
    {
        Sockets.OnRecovering(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnSessionParked(Func{SocketSession, DisconnectReason, Task})"/>
    public SocketIOServer OnSessionParked(Func<SocketSession, DisconnectReason, Task> handler)
    {
        Sockets.OnSessionParked(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnSessionParked(Func{SocketSession, DisconnectReason, Task})"/>
    public SocketIOServer OnSessionParked(Action<SocketSession, DisconnectReason> handler)
    {
        Sockets.OnSessionParked(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnSessionResumed(Func{ServerSocket, Task})"/>
    public SocketIOServer OnSessionResumed(Func<ServerSocket, Task> handler)
    {
        Sockets.OnSessionResumed(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnSessionResumed(Func{ServerSocket, Task})"/>
    public SocketIOServer OnSessionResumed(Action<ServerSocket> handler)
    {
        Sockets.OnSessionResumed(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnSessionExpired(Func{SocketSession, SessionExpiryReason, Task})"/>
    public SocketIOServer OnSessionExpired(Func<SocketSession, SessionExpiryReason, Task> handler)
    {
        Sockets.OnSessionExpired(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnSessionExpired(Func{SocketSession, SessionExpiryReason, Task})"/>
    public SocketIOServer OnSessionExpired(Action<SocketSession, SessionExpiryReason> handler)
    {
        Sockets.OnSessionExpired(handler);
        return this;
    }

    /// <summary>Where <c>MapSocketIO</c> has mounted it; empty before.</summary>
    internal string MountPath { get; private set; } = "";

    /// <summary>Called by <c>MapSocketIO</c>: one server has one place.</summary>
    internal void Mount(string path)
    {
        if (Interlocked.Exchange(ref _mounted, 1) == 1)
            throw new InvalidOperationException("MapSocketIO was called twice: a host has one Socket.IO server. Give it one path, and use namespaces (io.Of) to tell parts of an application from each other.");
        MountPath = "/" + path.Trim('/');
    }

    private Connection Connect(EngineSession session)
    {
        var connection = new Connection(this, session);
        if (session.Protocol == 3)
            connection.JoinMain();
        return connection;
    }

    /// <summary>
    /// Ack ids go up from a random 40-bit number, one sequence for the whole server: so an answer that comes late, even after a restart, meets its own question or none.
    /// </summary>
    internal long NextAckId() => Interlocked.Increment(ref _lastAckId);

    internal long LastAckId => Interlocked.Read(ref _lastAckId);

    /// <summary>Says what became of a client that wanted its session back.</summary>
    internal void Report(ServerSocket socket)
    {
        var (outcome, reason, missed) = socket.Recovery;
        if (outcome == RecoveryOutcome.Fresh && reason == RecoveryReason.None)
            return;
        Meter.Resumed(outcome, reason);
        Log.Resumed(socket.Namespace.Name, socket.Id, outcome, reason, missed);
        if (reason == RecoveryReason.ForeignOffset && Interlocked.Exchange(ref _foreignOffsets, 1) == 0)
            Log.ForeignOffset(socket.Namespace.Name);
    }

    private SharedRecovery? Shared(IServiceProvider services) =>
        services.GetService(typeof(ISharedLog)) is ISharedLog log ? new SharedRecovery(log, Parser, Time, Options.InboxLimit) : null;
}

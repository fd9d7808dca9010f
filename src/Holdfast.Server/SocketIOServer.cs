using System.Collections.Concurrent;
using System.Security.Cryptography;
using Holdfast.Adapters;
using Holdfast.Diagnostics;
using Holdfast.Engine;
using Holdfast.Protocol;
using Holdfast.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast;

/// <summary>
/// The Socket.IO server of a host: registered by <c>AddSocketIO</c>, mounted by <c>MapSocketIO</c>, and injectable wherever something is to be emitted. What it has of a namespace (emitting,
/// operators, middlewares, connections) belongs to the namespace <c>/</c>. All members are thread safe.
/// </summary>
public sealed partial class SocketIOServer : Broadcaster
{
    private readonly ConcurrentDictionary<string, SocketIONamespace> _namespaces = new(StringComparer.Ordinal);
    private int _mounted;
    private long _lastAckId = RandomNumberGenerator.GetInt32(1 << 20) * (1L << 20);

    internal SocketIOServer(IOptions<SocketIOOptions> options, TimeProvider time, EngineServices engine, SocketsMeter meter, ILoggerFactory loggers, IServiceProvider services)
    {
        Services = services;
        Meter = meter;
        Options = options.Value;
        Time = time;
        Log = loggers.CreateLogger("Holdfast.Sockets");
        Parser = new JsonPacketParser(Options.JsonSerializerOptions, Options.MaxAttachments);
        Engine = new EngineServer(Options, session => new Connection(this, session), engine);
        ConnectDeadlines = Engine.Clock.CreateLane(Options.ConnectTimeout);
        Namespace = Of("/");
    }

    /// <summary>The namespace <c>/</c>.</summary>
    public SocketIONamespace Sockets => Namespace;

    internal SocketIOOptions Options { get; }

    internal TimeProvider Time { get; }

    internal IServiceProvider Services { get; }

    internal ILogger Log { get; }

    internal SocketsMeter Meter { get; }

    internal PacketParser Parser { get; }

    internal EngineServer Engine { get; }

    internal DeadlineLane ConnectDeadlines { get; }

    private protected override SocketIONamespace Namespace { get; }

    private protected override BroadcastTarget Target => BroadcastTarget.Everyone;

    /// <summary>The namespace of that name, made now if there is none. A leading slash is added if it is missing; clients can join only namespaces that exist.</summary>
    public SocketIONamespace Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _namespaces.GetOrAdd(name.StartsWith('/') ? name : "/" + name, static (full, server) => new SocketIONamespace(server, full), this);
    }

    /// <inheritdoc cref="SocketIONamespace.Use"/>
    public SocketIOServer Use(Func<ServerSocket, Func<Task>, Task> middleware)
    {
        Namespace.Use(middleware);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnConnection(Func{ServerSocket, Task})"/>
    public SocketIOServer OnConnection(Func<ServerSocket, Task> handler)
    {
        Namespace.OnConnection(handler);
        return this;
    }

    /// <inheritdoc cref="SocketIONamespace.OnConnection(Func{ServerSocket, Task})"/>
    public SocketIOServer OnConnection(Action<ServerSocket> handler)
    {
        Namespace.OnConnection(handler);
        return this;
    }

    /// <summary>Called by <c>MapSocketIO</c>: one server has one place.</summary>
    internal void Mount()
    {
        if (Interlocked.Exchange(ref _mounted, 1) == 1)
            throw new InvalidOperationException("MapSocketIO was called twice: a host has one Socket.IO server. Give it one path, and use namespaces (io.Of) to tell parts of an application from each other.");
    }

    internal SocketIONamespace? Find(string name) => _namespaces.GetValueOrDefault(name);

    /// <summary>
    /// Ack ids go up from a random 40-bit number, one sequence for the whole server: so an answer that comes late, even after a restart, meets its own question or none.
    /// </summary>
    internal long NextAckId() => Interlocked.Increment(ref _lastAckId);

    /// <summary>Ends all sockets with <c>server shutting down</c> and all connections below, at once.</summary>
    internal Task CloseAsync()
    {
        foreach (var ns in _namespaces.Values)
        {
            foreach (var socket in ns.Sockets)
                socket.Connection.ShutDown();
        }
        return Engine.StopAsync();
    }
}

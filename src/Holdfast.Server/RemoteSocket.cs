using Holdfast.Adapters;
using Holdfast.Cluster;

namespace Holdfast;

/// <summary>
/// A connected socket as <c>FetchSocketsAsync</c> found it, wherever in the cluster it is: what can be read is what was true then, what can be done is done to the socket itself. When the socket is
/// gone meanwhile nothing happens. Immutable and thread safe.
/// </summary>
public sealed class RemoteSocket : AckEmitter
{
    private readonly SocketIONamespace _namespace;
    private readonly BroadcastTarget _target;

    internal RemoteSocket(ServerSocket socket, string[] rooms)
    {
        _namespace = socket.Namespace;
        _target = BroadcastTarget.Everyone.To(socket.Id);
        Id = socket.Id;
        Handshake = socket.Handshake;
        Rooms = rooms;
        Data = socket.Data.Freeze();
    }

    internal RemoteSocket(SocketIONamespace ns, FetchedSocket elsewhere)
    {
        _namespace = ns;
        _target = BroadcastTarget.Everyone.To(elsewhere.Id);
        Id = elsewhere.Id;
        Handshake = elsewhere.Handshake;
        Rooms = elsewhere.Rooms;
        Data = elsewhere.Data;
    }

    private RemoteSocket(RemoteSocket other, BroadcastTarget target)
    {
        _namespace = other._namespace;
        _target = target;
        Id = other.Id;
        Handshake = other.Handshake;
        Rooms = other.Rooms;
        Data = other.Data;
    }

    /// <summary>The socket's id.</summary>
    public string Id { get; }

    /// <summary>
    /// The request that opened its connection, and its <c>auth</c>, without what is secret between the client and the server. Of a socket of another server the headers <c>Authorization</c>,
    /// <c>Proxy-Authorization</c> and <c>Cookie</c> are missing, and so is the user: credentials stay where the client has shown them.
    /// </summary>
    public Handshake Handshake { get; }

    /// <summary>The rooms that it was in, its own id among them, in no particular order.</summary>
    public IReadOnlyCollection<string> Rooms { get; }

    /// <summary>A copy of its data, which can be read and not changed.</summary>
    public SocketData Data { get; }

    /// <summary>What is emitted may be lost: it is sent only if the connection is ready to write at that moment.</summary>
    public RemoteSocket Volatile => new(this, _target with { Volatile = true });

    /// <summary>Whether a connection that compresses what it sends may compress these events; true without it.</summary>
    public RemoteSocket Compress(bool compress) => new(this, _target with { Compress = compress });

    /// <summary>How long <c>EmitWithAckAsync</c> waits for the answer; zero is valid. Without it: <see cref="SocketIOOptions.AckTimeout"/>, else 5 seconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative, or longer than 24 days.</exception>
    public RemoteSocket Timeout(TimeSpan timeout) => new(this, _target with { Timeout = AckTimeouts.Checked(timeout) });

    /// <summary>It joins these rooms. Completes when it has.</summary>
    public Task JoinAsync(params IEnumerable<string> rooms)
    {
        return _namespace.JoinAllAsync(_target, Checked(rooms));
    }

    /// <summary>It leaves these rooms. Completes when it has.</summary>
    /// <exception cref="ArgumentException">One of the rooms is its own id: a socket is always in that one.</exception>
    public Task LeaveAsync(params IEnumerable<string> rooms)
    {
        var names = Checked(rooms);
        if (names.Contains(Id))
            throw new ArgumentException("A socket can't leave the room of its own id. To stop sending to it, use DisconnectAsync.", nameof(rooms));
        return _namespace.LeaveAllAsync(_target, names);
    }

    /// <inheritdoc cref="ServerSocket.DisconnectAsync"/>
    public Task DisconnectAsync(bool close = false)
    {
        return _namespace.DisconnectAllAsync(_target, close);
    }

    internal override Task EmitArgumentsAsync(string eventName, object?[] arguments, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _namespace.PublishAsync(_target, eventName, arguments);
    }

    internal override async Task<EventArguments> EmitArgumentsWithAckAsync(string eventName, object?[] arguments, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var server = _namespace.Server;
        var limit = _target.Timeout ?? server.Options.AckTimeout ?? AckTimeouts.Broadcast;
        var answers = new BroadcastAnswers(server.NextAckId(), isSingle: true);
        IReadOnlyList<EventArguments> received;
        try
        {
            await _namespace.AskAsync(_target, eventName, arguments, answers, limit).WaitAsync(cancellationToken);
            answers.Close();
            received = await answers.WaitAsync(limit, server.Time, cancellationToken);
        }
        finally
        {
            answers.Forget();
        }
        return received switch
        {
            [var answer, ..] => answer,
            _ when answers.Asked == 0 && answers.SilentServers == 0 => throw new SocketDisconnectedException(default), // long ago: why is not known any more
            _ => throw answers.Failure ?? new AckTimeoutException(),
        };
    }

    private static string[] Checked(IEnumerable<string> rooms)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        string[] names = [.. rooms];
        foreach (var name in names)
            ArgumentNullException.ThrowIfNull(name, nameof(rooms));
        return names;
    }
}

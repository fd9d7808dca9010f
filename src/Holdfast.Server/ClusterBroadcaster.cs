using Holdfast.Cluster;

namespace Holdfast;

/// <summary>What can also send to the other servers of a cluster: a <see cref="SocketIOServer"/> (to the namespace <c>/</c> of each) or a <see cref="SocketIONamespace"/>. All members are thread safe.</summary>
public abstract partial class ClusterBroadcaster : Broadcaster
{
    private protected ClusterBroadcaster()
    {
    }

    /// <summary>The namespace that stands for it between servers.</summary>
    private protected abstract SocketIONamespace Self { get; }

    /// <summary>
    /// Emits an event to this namespace on all other servers of the cluster: not to clients, and not to this server itself. A server that stands alone has nobody to send to, and is done at once.
    /// </summary>
    /// <param name="eventName">The event's name; <c>connect</c>, <c>connection</c> and <c>new_namespace</c> are reserved.</param>
    /// <param name="cancellationToken">Ends the wait. An event that is under way can't be taken back.</param>
    /// <returns>A task that ends when the event is on its way.</returns>
    /// <exception cref="ArgumentException">The name is reserved, or an argument can't be sent.</exception>
    public Task ServerSideEmitAsync(string eventName, CancellationToken cancellationToken = default) =>
        ServerSideEmitCoreAsync(eventName, [], cancellationToken);

    /// <inheritdoc cref="ServerSideEmitAsync(string, CancellationToken)"/>
    public Task ServerSideEmitAsync(string eventName, object? arg1, CancellationToken cancellationToken = default) =>
        ServerSideEmitCoreAsync(eventName, [arg1], cancellationToken);

    /// <inheritdoc cref="ServerSideEmitAsync(string, CancellationToken)"/>
    public Task ServerSideEmitAsync(string eventName, object? arg1, object? arg2, CancellationToken cancellationToken = default) =>
        ServerSideEmitCoreAsync(eventName, [arg1, arg2], cancellationToken);

    /// <inheritdoc cref="ServerSideEmitAsync(string, CancellationToken)"/>
    public Task ServerSideEmitAsync(string eventName, object? arg1, object? arg2, object? arg3, CancellationToken cancellationToken = default) =>
        ServerSideEmitCoreAsync(eventName, [arg1, arg2, arg3], cancellationToken);

    /// <inheritdoc cref="ServerSideEmitAsync(string, CancellationToken)"/>
    /// <param name="eventName">The event's name.</param>
    /// <param name="arguments">The arguments, any number of them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task ServerSideEmitCoreAsync(string eventName, object?[] arguments, CancellationToken cancellationToken = default)
    {
        Check(eventName, arguments);
        cancellationToken.ThrowIfCancellationRequested();
        return Owner.Cluster is { } cluster ? cluster.EmitAsync(Self, eventName, arguments).WaitAsync(cancellationToken) : Task.CompletedTask;
    }

    /// <summary>As <see cref="ServerSideEmitAsync(string, CancellationToken)"/>, and collects the answers of the other servers. A server that stands alone gets none, at once.</summary>
    /// <typeparam name="T">The type of one answer.</typeparam>
    /// <param name="eventName">The event's name; <c>connect</c>, <c>connection</c> and <c>new_namespace</c> are reserved.</param>
    /// <param name="cancellationToken">Ends the wait. The event may arrive all the same.</param>
    /// <returns>The answers, and how many servers did not answer.</returns>
    /// <exception cref="ArgumentException">The name is reserved, or an argument can't be sent.</exception>
    public Task<BroadcastAcks<T>> ServerSideEmitWithAckAsync<T>(string eventName, CancellationToken cancellationToken = default) =>
        ServerSideEmitWithAckCoreAsync<T>(eventName, [], cancellationToken);

    /// <inheritdoc cref="ServerSideEmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<BroadcastAcks<T>> ServerSideEmitWithAckAsync<T>(string eventName, object? arg1, CancellationToken cancellationToken = default) =>
        ServerSideEmitWithAckCoreAsync<T>(eventName, [arg1], cancellationToken);

    /// <inheritdoc cref="ServerSideEmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<BroadcastAcks<T>> ServerSideEmitWithAckAsync<T>(string eventName, object? arg1, object? arg2, CancellationToken cancellationToken = default) =>
        ServerSideEmitWithAckCoreAsync<T>(eventName, [arg1, arg2], cancellationToken);

    /// <inheritdoc cref="ServerSideEmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<BroadcastAcks<T>> ServerSideEmitWithAckAsync<T>(
        string eventName, object? arg1, object? arg2, object? arg3,
        CancellationToken cancellationToken = default) =>
        ServerSideEmitWithAckCoreAsync<T>(eventName, [arg1, arg2, arg3], cancellationToken);

    /// <inheritdoc cref="ServerSideEmitWithAckAsync{T}(string, CancellationToken)"/>
    /// <param name="eventName">The event's name.</param>
    /// <param name="arguments">The arguments, any number of them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<BroadcastAcks<T>> ServerSideEmitWithAckCoreAsync<T>(string eventName, object?[] arguments, CancellationToken cancellationToken = default)
    {
        Check(eventName, arguments);
        cancellationToken.ThrowIfCancellationRequested();
        return Owner.Cluster is { } cluster ? AskServersAsync<T>(cluster, eventName, arguments, cancellationToken) : Task.FromResult(new BroadcastAcks<T>([], 0));
    }

    private async Task<BroadcastAcks<T>> AskServersAsync<T>(ClusterNode cluster, string eventName, object?[] arguments, CancellationToken cancellationToken)
    {
        var (answers, missing) = await cluster.EmitWithAckAsync(Self, eventName, arguments, cancellationToken);
        var responses = new List<T>(answers.Length);
        foreach (var answer in answers)
        {
            try
            {
                responses.Add(answer.Get<T>()!);
            }
            catch (EventArgumentException)
            {
                missing++; // what is no T is no answer
            }
        }
        return new BroadcastAcks<T>(responses, missing);
    }

    // What could not be sent in a cluster fails on one server, too, where it is found first.
    private void Check(string eventName, object?[] arguments)
    {
        CheckName(eventName);
        ArgumentNullException.ThrowIfNull(arguments);
        if (Owner.Cluster is not null)
            return;
        foreach (var argument in arguments)
            Owner.Parser.Capture(argument);
    }

    private static void CheckName(string eventName)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        if (eventName is "connect" or "connection" or "new_namespace")
            throw new ArgumentException($"\"{eventName}\" is a reserved event name. Each server raises it by itself: use OnConnection and OnNewNamespace.", nameof(eventName));
    }
}

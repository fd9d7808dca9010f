using Holdfast.Cluster;

namespace Holdfast;

// What other servers emit to this one. The forms are those of a socket's handlers.
public abstract partial class ClusterBroadcaster
{
    /// <summary>
    /// Listens to an event that other servers of the cluster emit with <see cref="ServerSideEmitAsync(string, CancellationToken)"/> to the namespace of this name. What the first handler returns is
    /// this server's answer, if one is wanted; it may be a <c>Task</c> of a value. Events of one server are handled in order and one at a time, those of different servers side by side; when more
    /// than <see cref="SocketIOOptions.InboxLimit"/> bytes of one server wait, further ones are dropped.
    /// </summary>
    /// <remarks>
    /// Parameters are bound by position, a missing argument counts as <c>null</c>. One of the type <see cref="EventArguments"/> gets all arguments, one of the type <see cref="EventContext"/> the
    /// event; both take no argument. Only handlers on this server object are called: each server of the cluster registers its own.
    /// </remarks>
    /// <param name="eventName">The event's name; <c>connect</c>, <c>connection</c>, <c>new_namespace</c> and the names that sockets raise themselves are reserved.</param>
    /// <param name="handler">What to call.</param>
    /// <returns>Ends the registration when disposed of. It may be ignored.</returns>
    /// <exception cref="ArgumentException">The name is reserved, or the handler returns a <c>ValueTask</c>.</exception>
    public IDisposable OnServerSideEmit(string eventName, Action handler) => HandlersOf(eventName).On(eventName, handler);

    /// <inheritdoc cref="OnServerSideEmit(string, Action)"/>
    public IDisposable OnServerSideEmit(string eventName, Func<Task> handler) => HandlersOf(eventName).On(eventName, handler);

    /// <inheritdoc cref="OnServerSideEmit(string, Action)"/>
    public IDisposable OnServerSideEmit<TResult>(string eventName, Func<TResult> handler) => HandlersOf(eventName).On(eventName, handler);

    /// <inheritdoc cref="OnServerSideEmit(string, Action)"/>
    public IDisposable OnServerSideEmit<TResult>(string eventName, Func<Task<TResult>> handler) => HandlersOf(eventName).On(eventName, handler);

    /// <inheritdoc cref="OnServerSideEmit(string, Action)"/>
    public IDisposable OnServerSideEmit<T1>(string eventName, Action<T1> handler) => HandlersOf(eventName).On(eventName, handler);

    /// <inheritdoc cref="OnServerSideEmit(string, Action)"/>
    public IDisposable OnServerSideEmit<T1>(string eventName, Func<T1, Task> handler) => HandlersOf(eventName).On(eventName, handler);

    /// <inheritdoc cref="OnServerSideEmit(string, Action)"/>
    public IDisposable OnServerSideEmit<T1, TResult>(string eventName, Func<T1, TResult> handler) => HandlersOf(eventName).On(eventName, handler);

    /// <inheritdoc cref="OnServerSideEmit(string, Action)"/>
    public IDisposable OnServerSideEmit<T1, TResult>(string eventName, Func<T1, Task<TResult>> handler) => HandlersOf(eventName).On(eventName, handler);

    /// <inheritdoc cref="OnServerSideEmit(string, Action)"/>
    public IDisposable OnServerSideEmit<T1, T2>(string eventName, Action<T1, T2> handler) => HandlersOf(eventName).On(eventName, handler);

    /// <inheritdoc cref="OnServerSideEmit(string, Action)"/>
    public IDisposable OnServerSideEmit<T1, T2>(string eventName, Func<T1, T2, Task> handler) => HandlersOf(eventName).On(eventName, handler);

    /// <inheritdoc cref="OnServerSideEmit(string, Action)"/>
    public IDisposable OnServerSideEmit<T1, T2, TResult>(string eventName, Func<T1, T2, TResult> handler) => HandlersOf(eventName).On(eventName, handler);

    /// <inheritdoc cref="OnServerSideEmit(string, Action)"/>
    public IDisposable OnServerSideEmit<T1, T2, TResult>(string eventName, Func<T1, T2, Task<TResult>> handler) => HandlersOf(eventName).On(eventName, handler);

    /// <inheritdoc cref="OnServerSideEmit(string, Action)"/>
    public IDisposable OnServerSideEmit<T1, T2, T3>(string eventName, Action<T1, T2, T3> handler) => HandlersOf(eventName).On(eventName, handler);

    /// <inheritdoc cref="OnServerSideEmit(string, Action)"/>
    public IDisposable OnServerSideEmit<T1, T2, T3>(string eventName, Func<T1, T2, T3, Task> handler) => HandlersOf(eventName).On(eventName, handler);

    /// <inheritdoc cref="OnServerSideEmit(string, Action)"/>
    public IDisposable OnServerSideEmit<T1, T2, T3, TResult>(string eventName, Func<T1, T2, T3, TResult> handler) => HandlersOf(eventName).On(eventName, handler);

    /// <inheritdoc cref="OnServerSideEmit(string, Action)"/>
    public IDisposable OnServerSideEmit<T1, T2, T3, TResult>(string eventName, Func<T1, T2, T3, Task<TResult>> handler) => HandlersOf(eventName).On(eventName, handler);

    private ServerSideSocket HandlersOf(string eventName)
    {
        CheckName(eventName);
        return Self.ServerSideHandlers;
    }
}

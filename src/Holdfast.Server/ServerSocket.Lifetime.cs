using System.Collections.Immutable;
using Holdfast.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast;

public sealed partial class ServerSocket
{
    private ImmutableArray<Func<DisconnectReason, Task>> _disconnecting = [];
    private ImmutableArray<Func<DisconnectReason, Task>> _disconnect = [];
    private CancellationTokenSource? _disconnected;
    private volatile bool _isEnded;

    /// <summary>
    /// Runs when the socket has been disconnected, before <c>OnDisconnect</c>: <see cref="Rooms"/> still shows the rooms that it was in. In order with the event handlers: it waits for the one
    /// that runs, and events that stood in line behind that one are dropped.
    /// </summary>
    public void OnDisconnecting(Action<DisconnectReason> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        OnDisconnecting(reason => Completed(handler, reason));
    }

    /// <inheritdoc cref="OnDisconnecting(Action{DisconnectReason})"/>
    public void OnDisconnecting(Func<DisconnectReason, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ImmutableInterlocked.Update(ref _disconnecting, static (handlers, added) => handlers.Add(added), handler);
    }

    /// <summary>Runs once when the socket has been disconnected, with the reason. In order with the event handlers: it waits for the one that runs.</summary>
    public void OnDisconnect(Action<DisconnectReason> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        OnDisconnect(reason => Completed(handler, reason));
    }

    /// <inheritdoc cref="OnDisconnect(Action{DisconnectReason})"/>
    public void OnDisconnect(Func<DisconnectReason, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ImmutableInterlocked.Update(ref _disconnect, static (handlers, added) => handlers.Add(added), handler);
    }

    internal override bool IsOpen => Connected;

    /// <summary>With a log that outlives the process, what the handlers have changed in the data goes there when they have ended, whether they answer or not.</summary>
    internal override ValueTask DispatchAsync(in Packet packet)
    {
        var running = base.DispatchAsync(packet);
        if (Session.Lease is null)
            return running;
        if (!running.IsCompletedSuccessfully)
            return WriteBehindAsync(running);
        Namespace.Adapter.WriteChanges(Session);
        return default;
    }

    private async ValueTask WriteBehindAsync(ValueTask handlers)
    {
        await handlers;
        Namespace.Adapter.WriteChanges(Session);
    }

    internal override CancellationToken Disconnected
    {
        get
        {
            // Most handlers never ask, so most sockets never have one.
            if (_disconnected is null)
            {
                Interlocked.CompareExchange(ref _disconnected, new CancellationTokenSource(), null);
                // It may have ended between the two lines: whoever comes second cancels.
                if (_isEnded)
                    CancelToken(_disconnected);
            }
            return _disconnected.Token;
        }
    }

    /// <summary>Outside of locks: what waits on the token may go on at once.</summary>
    internal void Cancel()
    {
        _isEnded = true;
        Interlocked.MemoryBarrier();
        if (_disconnected is { } token)
            CancelToken(token);
        OnOutgoingListenersChanged();
    }

    // What the application registered with the token runs here; what it throws must not keep this socket, or others, from being closed.
    private void CancelToken(CancellationTokenSource token)
    {
        try
        {
            token.Cancel();
        }
        catch (AggregateException failure)
        {
            OnHandlerFailed("cancellation", failure);
        }
    }

    /// <summary>Called under the connection's lock: takes a place in line, runs nothing.</summary>
    internal void Opened()
    {
        if (_ownData is { } changed)
        {
            Session.Data.TakeChanges(changed);
            _ownData = null;
        }
        Session.Principal = Handshake.KnownUser;
        Connected = true;
        Namespace.Server.Meter.SocketOpened();
        Namespace.Add(this);
        Session.Handlers.Add(() => Namespace.RunConnectionHandlersAsync(this));
    }

    /// <summary>Called under the connection's lock.</summary>
    internal void Closed(DisconnectReason reason, string? description)
    {
        if (!Connected)
            return;
        Connected = false;
        Namespace.Remove(this);
        Namespace.Server.Meter.SocketClosed();
        Namespace.Server.Log.SocketClosed(Namespace.Name, Id, reason, description);
    }

    /// <param name="reason">Why it was disconnected.</param>
    /// <param name="fault">What the client sent that can't be decoded, if that is why.</param>
    internal async ValueTask RunDisconnectHandlersAsync(DisconnectReason reason, ProtocolException? fault)
    {
        if (fault is not null)
            await TryTellErrorAsync(fault);
        foreach (var handler in _disconnecting)
            await RunAsync("disconnecting", handler, reason);
        Namespace.Adapter.WriteChanges(Session);
        _ownData = Session.Data.Copy();
        Namespace.Adapter.Retire(Binding);
        foreach (var handler in _disconnect)
            await RunAsync("disconnect", handler, reason);
    }

    internal override IServiceProvider OpenScope(out IAsyncDisposable? scope)
    {
        var opened = Namespace.Server.Services.CreateAsyncScope();
        scope = opened;
        return opened.ServiceProvider;
    }

    internal override void OnHandlerFailed(string eventName, Exception exception) => Namespace.Server.Log.HandlerFailed(exception, Namespace.Name, eventName);

    internal override void OnArgumentsRejected(string eventName, EventArgumentException exception) =>
        Namespace.Server.Log.UnfitArguments(Namespace.Name, eventName, exception.Message);

    private async Task RunAsync(string eventName, Func<DisconnectReason, Task> handler, DisconnectReason reason)
    {
        try
        {
            await handler(reason);
        }
        catch (Exception failure)
        {
            OnHandlerFailed(eventName, failure);
        }
    }

    private static Task Completed(Action<DisconnectReason> handler, DisconnectReason reason)
    {
        handler(reason);
        return Task.CompletedTask;
    }
}

using Holdfast.Diagnostics;
using Holdfast.Engine;
using Microsoft.AspNetCore.Http;

namespace Holdfast;

/// <summary>
/// The connection layer of an endpoint: what happens to its clients below events, namespaces and rooms. <c>MapEngineIO</c> hands it out for a bare Engine.IO endpoint; <see cref="SocketIOServer.Engine"/> is that of a Socket.IO server.
/// Handlers may be added at any time, several of a kind, and run in the order in which they were added; thread safe.
/// </summary>
public sealed class EngineIOEndpoint
{
    private readonly EngineServer _server;
    private readonly Lock _gate = new();
    private Action<EngineSocket>[] _connection = [];
    private Action<EngineConnectionError>[] _connectionError = [];
    private Action<IHeaderDictionary, HttpContext>[] _initialHeaders = [];
    private Action<IHeaderDictionary, HttpContext>[] _headers = [];

    internal EngineIOEndpoint(EngineServer server) => _server = server;

    /// <summary>How many clients are connected, those that are just leaving included.</summary>
    public int ClientsCount => _server.SessionCount;

    /// <summary>Whether somebody wants to know of refused requests; if not, nothing is gathered for it.</summary>
    internal bool HearsErrors => _connectionError.Length > 0;

    /// <summary>
    /// Adds what is called with each new client, before anything is read from it; on a Socket.IO server, too, before its client can join a namespace. An exception refuses this client and is logged as the application's error.
    /// </summary>
    public void OnConnection(Action<EngineSocket> handler) => Add(ref _connection, handler);

    /// <summary>
    /// Adds what is called with each request that is refused, before it is answered. Whoever can reach the server can cause these calls: log them with care. An exception is logged and changes nothing.
    /// </summary>
    public void OnConnectionError(Action<EngineConnectionError> handler) => Add(ref _connectionError, handler);

    /// <summary>
    /// Adds what may change the headers of the one answer with which a client's session begins: the polling handshake, or the 101 of a direct WebSocket. An exception is logged and changes nothing.
    /// </summary>
    public void OnInitialHeaders(Action<IHeaderDictionary, HttpContext> handler) => Add(ref _initialHeaders, handler);

    /// <summary>
    /// Adds what may change the headers of every answer that the connection layer gives to its clients, the 101 of WebSockets included; not those of refusals. It comes after <see cref="OnInitialHeaders"/>. An exception is
    /// logged and changes nothing.
    /// </summary>
    public void OnHeaders(Action<IHeaderDictionary, HttpContext> handler) => Add(ref _headers, handler);

    /// <summary>As <see cref="EngineSocket.OnFlush"/>, for every client that comes from now on.</summary>
    public void OnFlush(Action<EngineSocket, IReadOnlyList<EnginePacketInfo>> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        OnConnection(socket => socket.OnFlush(packets => handler(socket, packets)));
    }

    /// <summary>As <see cref="EngineSocket.OnDrain"/>, for every client that comes from now on.</summary>
    public void OnDrain(Action<EngineSocket> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        OnConnection(socket => socket.OnDrain(() => handler(socket)));
    }

    internal void Welcome(EngineSession session)
    {
        foreach (var handler in _connection)
        {
            handler(session.Socket);
        }
    }

    internal void Report(EngineConnectionError error)
    {
        foreach (var handler in _connectionError)
        {
            try
            {
                handler(error);
            }
            catch (Exception exception)
            {
                _server.Logger.ListenerFailed(exception);
            }
        }
    }

    /// <summary>An answer is about to begin.</summary>
    internal void OnAnswer(HttpContext context, bool isInitial)
    {
        if (isInitial)
        {
            Tell(_initialHeaders, context);
        }

        Tell(_headers, context);
    }

    private void Tell(Action<IHeaderDictionary, HttpContext>[] handlers, HttpContext context)
    {
        foreach (var handler in handlers)
        {
            try
            {
                handler(context.Response.Headers, context);
            }
            catch (Exception exception)
            {
                _server.Logger.ListenerFailed(exception);
            }
        }
    }

    private void Add<T>(ref T[] handlers, T handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_gate)
        {
            Volatile.Write(ref handlers, [.. handlers, handler]);
        }
    }
}

using Holdfast.Adapters;
using Holdfast.Diagnostics;

namespace Holdfast;

public sealed partial class SocketIONamespace
{
    private readonly Lock _registration = new();
    private Func<ServerSocket, Func<Task>, Task>[] _middlewares = [];
    private Func<ServerSocket, Task>[] _connectionHandlers = [];

    /// <summary>
    /// Adds a middleware: it runs for each connection to this namespace, in the order of registration, before the client is answered. It lets the client in by calling <c>next</c>, and refuses it by
    /// throwing a <see cref="ConnectRejectedException"/>, or by not calling <c>next</c>. Any other exception is logged, and the client is refused without its details.
    /// </summary>
    public SocketIONamespace Use(Func<ServerSocket, Func<Task>, Task> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        lock (_registration)
            _middlewares = [.. _middlewares, middleware];
        return this;
    }

    /// <summary>
    /// Adds a handler for new sockets. It runs when the client has been told that it is connected, and before any event of this socket is handled, however long it takes.
    /// </summary>
    public SocketIONamespace OnConnection(Func<ServerSocket, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_registration)
            _connectionHandlers = [.. _connectionHandlers, handler];
        return this;
    }

    /// <inheritdoc cref="OnConnection(Func{ServerSocket, Task})"/>
    public SocketIONamespace OnConnection(Action<ServerSocket> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return OnConnection(socket =>
        {
            handler(socket);
            return Task.CompletedTask;
        });
    }

    /// <summary>
    /// Lets a client in, or refuses it. Never throws: whatever its middlewares do ends this CONNECT and nothing else. A client that wants its session back may get less than it looked like
    /// before something asynchronous ran: then it goes once more through what the lesser outcome asks for, and at last it starts afresh.
    /// </summary>
    internal async Task ConnectAsync(ServerSocket socket)
    {
        if (socket.Recovery.Outcome != RecoveryOutcome.Fresh && !await MayRecoverAsync(socket))
        {
            if (socket.Client.StartAfresh(socket, RecoveryReason.Vetoed) is not { } fresh)
                return;
            socket = fresh;
        }
        while (true)
        {
            var skip = socket.Recovered && Server.Options.ConnectionStateRecovery!.SkipMiddlewares;
            if (!skip && !await PassesMiddlewaresAsync(socket))
                return;
            ClaimOutcome outcome;
            try
            {
                outcome = await socket.Client.AcceptAsync(socket);
            }
            catch (Exception failure) when (failure is RecoveryUnavailableException or ArgumentException)
            {
                Server.Log.NotAdmitted(failure, Name);
                socket.Client.Refuse(socket, "Service unavailable", null);
                return;
            }
            switch (outcome)
            {
                case ClaimOutcome.Changed:
                    break;
                case ClaimOutcome.Lost when socket.Client.StartAfresh(socket, socket.Recovery.Reason) is { } fresh:
                    socket = fresh;
                    break;
                default:
                    return;
            }
        }
    }

    internal async ValueTask RunConnectionHandlersAsync(ServerSocket socket)
    {
        if (socket.Recovery.Outcome != RecoveryOutcome.Fresh)
            await RunAllAsync("session resumed", _resumedHandlers, handler => handler(socket));
        await RunAllAsync("connection", _connectionHandlers, handler => handler(socket));
        Adapter.WriteChanges(socket.Session);
    }

    /// <summary>False: they refused it, and it has been told.</summary>
    private async ValueTask<bool> PassesMiddlewaresAsync(ServerSocket socket)
    {
        var middlewares = _middlewares;
        if (middlewares.Length == 0)
            return true;
        try
        {
            if (await RunAsync(middlewares, socket))
                return true;
            socket.Client.Refuse(socket, "Connection refused", null);
        }
        catch (ConnectRejectedException rejected)
        {
            socket.Client.Refuse(socket, rejected.Message, rejected.Details);
        }
        catch (Exception failure)
        {
            Server.Log.HandlerFailed(failure, Name, "middleware");
            socket.Client.Refuse(socket, "Internal server error", null);
        }
        return false;
    }

    /// <summary>True: all of them called <c>next</c>.</summary>
    private static async Task<bool> RunAsync(Func<ServerSocket, Func<Task>, Task>[] middlewares, ServerSocket socket)
    {
        var passed = false;
        await Next(0);
        return passed;

        Task Next(int index)
        {
            if (index < middlewares.Length)
                return middlewares[index](socket, () => Next(index + 1));
            passed = true;
            return Task.CompletedTask;
        }
    }
}

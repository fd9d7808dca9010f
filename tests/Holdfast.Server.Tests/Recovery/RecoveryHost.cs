using System.Diagnostics;
using System.Security.Claims;
using Holdfast.Recovery;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Server.Tests.Recovery;

/// <summary>What a client does that loses its connection and comes back, on a server with recovery.</summary>
internal static class RecoveryHost
{
    /// <summary>Whoever says <c>user=NAME</c> in the query is authenticated as that.</summary>
    public static Task<SocketHost> StartAsync(
        Action<SocketIOServer>? configure = null, Action<ConnectionStateRecoveryOptions>? recovery = null, Action<SocketIOOptions>? options = null, Action<IServiceCollection>? services = null) =>
        SocketHost.StartAsync(
            configure ?? (_ => { }),
            o =>
            {
                o.ConnectionStateRecovery = new ConnectionStateRecoveryOptions();
                (o.PingInterval, o.ConnectTimeout) = (TimeSpan.FromDays(1), TimeSpan.FromDays(10)); // a test whose clock jumps does not mean these
                recovery?.Invoke(o.ConnectionStateRecovery);
                options?.Invoke(o);
            },
            app => app.Use((context, next) =>
            {
                if (context.Request.Query["user"].ToString() is { Length: > 0 } name)
                    context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name)], "test"));
                return next();
            }),
            services: services);

    /// <summary>Collects what happens to the sockets of the main namespace and their sessions, one line each.</summary>
    public static void Record(this SocketIOServer io, Action<string> log)
    {
        io.OnSessionParked((_, reason) => log($"parked: {reason}"));
        io.OnSessionResumed(socket => log($"resumed: {socket.Recovery.Outcome}"));
        io.OnSessionExpired((_, reason) => log($"expired: {reason}"));
        io.OnConnection(socket =>
        {
            log("connection");
            socket.OnDisconnect(reason => log($"disconnect: {reason}"));
        });
    }

    extension(SocketHost host)
    {
        /// <summary>A client that has a session.</summary>
        public async Task<Peer> JoinAsync(string query = "", string connect = "40")
        {
            var peer = await host.OpenAsync(query);
            await peer.SendAsync(connect);
            await peer.ReadConnectAsync();
            // The answer may be here before the server has done the rest of the same step.
            await Waiting.Until(() => host.SocketOf(peer) is { Connected: true });
            return peer;
        }

        /// <summary>The same client on another connection, which has read the answer to its CONNECT.</summary>
        public async Task<Peer> ReturnAsync(Peer former, string query = "")
        {
            var peer = await host.KnockAsync(former, query);
            await peer.ReadConnectAsync();
            await Waiting.Until(() => host.SocketOf(peer) is { Connected: true });
            return peer;
        }

        /// <summary>The same client on another connection, which has sent its CONNECT.</summary>
        public async Task<Peer> KnockAsync(Peer former, string query = "")
        {
            var peer = await host.OpenAsync(query);
            peer.Offset = former.Offset;
            await peer.SendAsync(Connect(former.Pid, former.Offset));
            return peer;
        }

        /// <summary>Its connection is lost, and the server knows it.</summary>
        public async Task CutAsync(Peer peer)
        {
            var session = host.SessionOf(peer)!;
            peer.Dispose();
            await Waiting.Until(() =>
            {
                // The stage changes in the middle of a step.
                lock (host.Store.Log.Gate)
                    return session.Stage is SessionStage.Parked or SessionStage.Ended;
            });
        }

        /// <summary>
        /// Moves the clock on until the task is done: a hundredth of a second in a thousandth, because whoever sets a timer when he hears of the last one must not find that all time has passed meanwhile.
        /// </summary>
        public async Task<T> WhileTimePassesAsync<T>(Task<T> task)
        {
            var sinceStep = Stopwatch.StartNew();
            await Waiting.Until(() =>
            {
                if (!task.IsCompleted && sinceStep.ElapsedMilliseconds >= 1)
                {
                    host.Time.Advance(10);
                    sinceStep.Restart();
                }
                return task.IsCompleted;
            });
            return await task;
        }

        public RecoveryStore Store => host.Io.Recovery!;

        public Session? SessionOf(Peer peer) => host.SessionOf(peer.Pid!);

        public Session? SessionOf(string pid)
        {
            lock (host.Store.Log.Gate)
                return host.Store.Sessions.Find(PrivateId.Hash(pid));
        }

        public ServerSocket SocketOf(Peer peer) => host.Io.Sockets.FindSocket(peer.Id)!;
    }

    extension(Peer peer)
    {
        /// <summary>Reads an answer to CONNECT that has a private id.</summary>
        public async Task ReadConnectAsync()
        {
            var answer = await peer.ReadAsync();
            Assert.Matches("""^40(/[a-z]+,)?{"sid":"[A-Za-z0-9_-]{20}","pid":"[A-Za-z0-9_-]{24}"}$""", answer);
            (peer.Id, peer.Pid) = (answer.Split('"')[3], answer.Split('"')[7]);
        }

        /// <summary>Nothing else has been sent to it: the answer to a CONNECT to nowhere comes next.</summary>
        public async Task AssertNothingMoreAsync()
        {
            await peer.SendAsync("40/nowhere");
            Assert.Equal("""44/nowhere,{"message":"Invalid namespace"}""", await peer.ReadAsync());
        }
    }

    public static string Connect(string? pid, string? offset) => (pid, offset) switch
    {
        (null, _) => "40",
        (_, null) => $$"""40{"pid":"{{pid}}"}""",
        _ => $$"""40{"pid":"{{pid}}","offset":"{{offset}}"}""",
    };
}

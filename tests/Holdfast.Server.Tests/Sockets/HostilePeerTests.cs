using System.Runtime.CompilerServices;
using System.Text;
using Holdfast.Server.Tests.Recovery;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

/// <summary>What one client could make the server keep.</summary>
public sealed class HostilePeerTests : IDisposable
{
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Peer? _idle;

    [Theory]
    [InlineData("unknown")]
    [InlineData("refused")]
    [InlineData("asked")]
    public async Task A_client_that_asks_for_namespaces_and_does_not_read_the_answers_is_disconnected(string how)
    {
        await using var host = await SocketHost.StartAsync(
            io =>
            {
                io.Of("/refused").Use((_, _) => throw new ConnectRejectedException("no"));
                if (how == "asked")
                    io.Of((_, _) => false);
            },
            options => options.OutboxLimit = 10_000);
        using var http = new HttpClient();
        var peer = await PollingPeer.OpenAsync(host, http);
        var name = how == "refused" ? "/refused" : "/" + new string('x', 500);
        var connect = string.Join('\x1e', Enumerable.Repeat($"40{name},", 400));
        await peer.PostAsync(connect);
        await Waiting.Until(() => host.Io.Engine.ClientsCount == 0);
        Assert.Equal(["400"], await peer.PollAsync());
    }

    [Fact]
    public async Task One_connection_can_not_join_namespaces_without_end()
    {
        await using var host = await SocketHost.StartAsync(
            io => io.Of((_, _) => true),
            options =>
            {
                options.InboxLimit = 10 * 1024;
                options.CleanupEmptyChildNamespaces = true;
            });
        using var peer = await host.OpenAsync();
        for (var i = 0; i < 10; i++)
        {
            await peer.SendAsync($"40/{i},");
            Assert.StartsWith($"40/{i},{{\"sid\":", await peer.ReadAsync(), StringComparison.Ordinal);
        }
        await peer.SendAsync("40/10,");
        Assert.Equal("44/10,{\"message\":\"Too many namespaces\"}", await peer.ReadAsync());
        Assert.DoesNotContain(host.Io.Namespaces.All, ns => ns.Name == "/10"); // it was made for this client, and is nobody's now

        // Another connection is no part of that, and what has been left counts no more.
        using var other = await host.OpenAsync();
        await other.SendAsync("40/10,");
        Assert.StartsWith("40/10,{\"sid\":", await other.ReadAsync(), StringComparison.Ordinal);
        await peer.SendAsync("41/3,");
        await peer.SendAsync("40/11,");
        Assert.StartsWith("40/11,{\"sid\":", await peer.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_client_says_when_it_joins_counts_as_what_is_kept_of_it()
    {
        await using var host = await SocketHost.StartAsync(io => io.Of("/b"), options => options.InboxLimit = 10 * 1024);
        using var peer = await host.OpenAsync();
        await peer.SendAsync($"40{{\"token\":\"{new string('x', 9_500)}\"}}"); // the first is in in any case
        Assert.StartsWith("40{\"sid\":", await peer.ReadAsync(), StringComparison.Ordinal);
        await peer.SendAsync("40/b,");
        Assert.Equal("44/b,{\"message\":\"Too many namespaces\"}", await peer.ReadAsync());
        await peer.SendAsync("41");
        await peer.SendAsync("40/b,");
        Assert.StartsWith("40/b,{\"sid\":", await peer.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_waits_weighs_what_all_of_its_attachments_weigh()
    {
        var (host, socket) = await StartWithBusySocketAsync();
        await using var _ = host;
        await PostAsync("2[\"busy\"]"u8.ToArray(), isBinary: false);
        Assert.True(PostBinaryEvent().IsCompleted);
        Assert.False(PostBinaryEvent().IsCompleted); // two of them are more than may wait
        _gate.SetResult();

        Task PostBinaryEvent()
        {
            Assert.True(PostAsync("52-[\"n\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]"u8.ToArray(), isBinary: false).IsCompleted);
            Assert.True(PostAsync(new byte[6_000], isBinary: true).IsCompleted);
            return PostAsync([], isBinary: true);
        }

        Task PostAsync(byte[] message, bool isBinary) => socket.Client.OnMessageAsync(message, isBinary).AsTask();
    }

    [Fact]
    public async Task An_event_that_waits_keeps_nothing_of_the_body_that_it_came_in_but_itself()
    {
        var (host, socket) = await StartWithBusySocketAsync();
        await using var _ = host;
        await socket.Client.OnMessageAsync("2[\"busy\"]"u8.ToArray(), false).Within();
        var body = Post(socket, "2[\"n\",1]");
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(body.TryGetTarget(out byte[]? kept), $"{kept?.Length} bytes are kept for an event of 8");
        _gate.SetResult();

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference<byte[]> Post(ServerSocket socket, string packet)
        {
            var body = new byte[1_000_000];
            var length = Encoding.UTF8.GetBytes(packet, body);
            Assert.True(socket.Client.OnMessageAsync(body.AsMemory(0, length), false).AsTask().IsCompleted);
            return new WeakReference<byte[]>(body);
        }
    }

    [Fact]
    public async Task What_the_application_registered_with_a_socket_s_token_and_throws_ends_no_other_socket_s_life_early()
    {
        var ended = new List<string>();
        var connected = 0;
        await using var host = await SocketHost.StartAsync(io =>
        {
            foreach (var ns in new[] { io.Of("/a"), io.Of("/b") })
            {
                ns.OnConnection(socket =>
                {
                    socket.On("watch", (EventContext context) => context.CancellationToken.Register(() => throw new InvalidOperationException("from a callback")));
                    socket.On("watch", () => Interlocked.Increment(ref connected));
                    socket.OnDisconnect(_ =>
                    {
                        lock (ended)
                            ended.Add(ns.Name);
                    });
                });
            }
        });
        host.ExpectedComplaints = 2;
        using (var peer = await host.ConnectAsync("40/a,"))
        {
            await peer.SendAsync("40/b,");
            await peer.ReadAsync();
            await peer.SendAsync("42/a,[\"watch\"]");
            await peer.SendAsync("42/b,[\"watch\"]");
            await Waiting.Until(() => Volatile.Read(ref connected) == 2);
        }
        await Waiting.Until(() => host.Io.Engine.ClientsCount == 0 && host.Complaints.Count == 2);
        await Waiting.Until(() =>
        {
            lock (ended)
                return ended.Count == 2;
        });
        Assert.Empty(host.Io.Of("/a").Sockets);
        Assert.Empty(host.Io.Of("/b").Sockets);
        Assert.All(host.Complaints, complaint => Assert.Contains("from a callback", complaint, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refusal_whose_details_can_not_be_written_is_a_refusal_all_the_same()
    {
        var loop = new List<object>();
        loop.Add(loop);
        await using var host = await SocketHost.StartAsync(
            io => io.Of((_, _) => true).Use((_, _) => throw new ConnectRejectedException("not you", loop)),
            options => options.CleanupEmptyChildNamespaces = true);
        host.ExpectedComplaints = 1;
        using var peer = await host.OpenAsync();
        await peer.SendAsync("40/child,");
        Assert.Equal("44/child,{\"message\":\"not you\"}", await peer.ReadAsync());
        await Waiting.Until(() => host.Io.Namespaces.All.Count == 1); // the child has gone with its only client
    }

    private async Task<(SocketHost Host, ServerSocket Socket)> StartWithBusySocketAsync()
    {
        var host = await SocketHost.StartAsync(
            io => io.OnConnection(socket => socket.On("busy", () => _gate.Task)),
            options => options.InboxLimit = 10_000);
        _idle = await host.ConnectAsync();
        await Waiting.Until(() => host.Io.Sockets.FindSocket(_idle.Id) is not null); // the answer goes out first
        return (host, host.Io.Sockets.FindSocket(_idle.Id)!);
    }

    public void Dispose() => _idle?.Dispose();
}

using System.Text.RegularExpressions;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Sockets;

// Children of a parent that go when nobody is left in them.
public class CleanupTests
{
    private static readonly Regex Dynamic = new("^/dynamic-[0-9]+$");

    [Fact]
    public async Task With_clean_up_a_child_is_gone_before_the_handlers_of_its_last_disconnection_run()
    {
        var children = Entering.Signal<int>();
        await using var host = await StartAsync(cleanUp: true, (_, parent) =>
            parent.OnConnection(socket => socket.OnDisconnect(_ => children.SetResult(parent.Children.Count))));
        using var peer = await host.EnterAsync("/dynamic-101");
        await peer.SendAsync("41/dynamic-101,");
        Assert.Equal(0, await children.Task.Within());
        Assert.Null(host.Io.Namespaces.Find("/dynamic-101"));
    }

    [Fact]
    public async Task A_child_that_is_gone_is_made_anew_by_the_next_client_and_old_references_mean_it()
    {
        var made = 0;
        SocketIONamespace first = null!;
        await using var host = await StartAsync(cleanUp: true, (io, _) => io.OnNewNamespace(ns =>
        {
            first ??= ns;
            made++;
        }));
        using var peer = await host.OpenAsync();
        await peer.EnterAsync("/dynamic-101");
        await peer.SendAsync("41/dynamic-101,");
        await Gone(host, "/dynamic-101");
        await first.EmitAsync("to nobody");
        await peer.EnterAsync("/dynamic-101");
        Assert.Equal(2, made);
        await first.To(peer.Id).EmitAsync("to the new one");
        Assert.Equal("42/dynamic-101,[\"to the new one\"]", await peer.ReadAsync());
    }

    [Fact]
    public async Task A_child_stays_while_somebody_is_left_in_it()
    {
        await using var host = await StartAsync(cleanUp: true);
        using var a = await host.EnterAsync("/dynamic-101");
        using var b = await host.EnterAsync("/dynamic-101");
        var child = host.Io.Of("/dynamic-101");
        await a.SendAsync("41/dynamic-101,");
        await Waiting.Until(() => child.Sockets.Count == 1);
        await child.EmitAsync("e");
        Assert.Equal("42/dynamic-101,[\"e\"]", await b.ReadAsync());
        Assert.Same(child, host.Io.Of("/dynamic-101"));
        b.Dispose();
        await Gone(host, "/dynamic-101");
    }

    [Fact]
    public async Task Without_clean_up_a_child_stays_when_its_last_client_has_left()
    {
        var left = Entering.Signal<bool>();
        await using var host = await StartAsync(cleanUp: false, (_, parent) => parent.OnSessionExpired((_, _) => left.SetResult(true)));
        using var peer = await host.EnterAsync("/dynamic-101");
        await peer.SendAsync("41/dynamic-101,");
        await left.Task.Within();
        Assert.NotNull(host.Io.Namespaces.Find("/dynamic-101"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_namespace_that_stands_for_itself_is_never_cleaned_up(bool refused)
    {
        var left = Entering.Signal<bool>();
        await using var host = await StartAsync(cleanUp: true, (io, _) =>
        {
            io.Of("/fixed").OnSessionExpired((_, _) => left.SetResult(true));
            io.Of("/closed").Use((_, _) => throw new ConnectRejectedException("no"));
        });
        using var peer = await host.OpenAsync();
        if (refused)
        {
            await peer.AssertRefusedAsync("/closed", "no");
            await peer.AssertRefusedAsync("/closed", "no"); // after the end of the first
            Assert.NotNull(host.Io.Namespaces.Find("/closed"));
            return;
        }
        await peer.EnterAsync("/fixed");
        await peer.SendAsync("41/fixed,");
        await left.Task.Within();
        Assert.NotNull(host.Io.Namespaces.Find("/fixed"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_child_whose_first_client_is_refused_stays_or_goes_as_the_option_says(bool cleanUp)
    {
        await using var host = await StartAsync(cleanUp, (_, parent) => parent.Use((_, _) => throw new ConnectRejectedException("no")));
        using var peer = await host.OpenAsync();
        await peer.AssertRefusedAsync("/dynamic-101", "no");
        if (cleanUp)
            await Gone(host, "/dynamic-101");
        else
            Assert.NotNull(host.Io.Namespaces.Find("/dynamic-101"));
        for (var i = 0; i < 50; i++)
            await peer.AssertRefusedAsync($"/dynamic-{i}", "no");
        if (cleanUp)
            await Waiting.Until(() => host.Io.Namespaces.All.Count == 1); // a client that tries many names leaves nothing behind
        else
            Assert.Equal(52, host.Io.Namespaces.All.Count);
    }

    [Fact]
    public async Task A_child_whose_second_client_is_refused_stays_for_the_first()
    {
        await using var host = await StartAsync(cleanUp: true, (_, parent) => parent.Use((socket, next) =>
            socket.Handshake.Auth.IsNull ? next() : throw new ConnectRejectedException("no")));
        using var first = await host.EnterAsync("/dynamic-101");
        using var second = await host.OpenAsync();
        await second.AssertRefusedAsync("/dynamic-101", "no", "{\"refuse\":\"me\"}");
        await second.AssertRefusedAsync("/dynamic-101", "no", "{\"refuse\":\"me\"}");
        await host.Io.Of("/dynamic-101").EmitAsync("e");
        Assert.Equal("42/dynamic-101,[\"e\"]", await first.ReadAsync());
    }

    [Fact]
    public async Task A_child_stays_while_the_middlewares_of_a_newcomer_run()
    {
        var gate = Entering.Signal<bool>();
        var entered = Entering.Signal<SocketIONamespace>();
        await using var host = await StartAsync(cleanUp: true, (_, parent) => parent.Use(async (socket, next) =>
        {
            if (!socket.Handshake.Auth.IsNull)
            {
                entered.SetResult(socket.Namespace);
                await gate.Task;
            }
            await next();
        }));
        using var first = await host.EnterAsync("/dynamic-101");
        using var second = await host.OpenAsync();
        await second.SendAsync("40/dynamic-101,{\"slow\":1}");
        var child = await entered.Task.Within();
        await first.SendAsync("41/dynamic-101,");
        await Waiting.Until(() => child.Sockets.Count == 0 && child.Adapter.SessionCount == 0);
        await first.AssertRefusedAsync("/nowhere"); // what follows from its leaving has happened
        Assert.Same(child, host.Io.Namespaces.Find("/dynamic-101"));
        gate.SetResult(true);
        Assert.StartsWith("40/dynamic-101,{\"sid\":", await second.ReadAsync(), StringComparison.Ordinal);
        await child.EmitAsync("e");
        Assert.Equal("42/dynamic-101,[\"e\"]", await second.ReadAsync());
    }

    [Fact]
    public async Task A_client_that_goes_away_during_the_middlewares_leaves_no_child()
    {
        var gate = Entering.Signal<bool>();
        var entered = Entering.Signal<bool>();
        var connections = 0;
        await using var host = await StartAsync(cleanUp: true, (_, parent) => parent.Use(async (_, next) =>
        {
            entered.SetResult(true);
            await gate.Task;
            await next();
        }).OnConnection(_ => connections++));
        var peer = await host.OpenAsync();
        await peer.SendAsync("40/dynamic-101,");
        await entered.Task.Within();
        peer.Dispose();
        await Waiting.Until(() => host.Io.EngineServer.SessionCount == 0);
        gate.SetResult(true);
        await Gone(host, "/dynamic-101"); // which is the last thing that follows from its CONNECT
        Assert.Equal(0, connections);
    }

    [Fact]
    public async Task Whoever_comes_while_a_child_goes_gets_one_that_is_alive()
    {
        const int Rounds = 100;
        ParentNamespace parent = null!;
        await using var host = await StartAsync(cleanUp: true, (_, made) =>
            parent = made.OnConnection(socket => socket.On("echo", async (int n) => await parent.To(socket.Id).EmitAsync("echo", n))));
        // Three clients come and go all the time, each as soon as it has been answered: nobody may be in a namespace that does not exist.
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            using var peer = await host.OpenAsync();
            for (var i = 0; i < Rounds; i++)
            {
                await peer.EnterAsync("/dynamic-1");
                await peer.SendAsync($"42/dynamic-1,[\"echo\",{i}]");
                Assert.Equal($"42/dynamic-1,[\"echo\",{i}]", await peer.ReadAsync());
                await peer.SendAsync("41/dynamic-1,");
            }
        })));
        await Waiting.Until(() => parent.Children.Count == 0);
        Assert.Single(host.Io.Namespaces.All);
    }

    private static Task<SocketHost> StartAsync(bool cleanUp, Action<SocketIOServer, ParentNamespace>? configure = null) =>
        SocketHost.StartAsync(
            io =>
            {
                var parent = io.Of(Dynamic);
                configure?.Invoke(io, parent);
            },
            options => options.CleanupEmptyChildNamespaces = cleanUp);

    private static Task Gone(SocketHost host, string name) => Waiting.Until(() => host.Io.Namespaces.Find(name) is null);
}

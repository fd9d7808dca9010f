using System.Collections.Concurrent;
using Holdfast.Testing;

namespace Holdfast.Adapters.Tests;

// What is emitted to many, wherever they are.
public abstract partial class ClusterContract
{
    [Fact]
    public async Task A_broadcast_reaches_the_clients_of_all_servers()
    {
        var hosts = await StartAsync(3);
        var clients = new[] { await JoinAsync(hosts[0]), await JoinAsync(hosts[1]), await JoinAsync(hosts[2]) };
        await hosts[1].Io.EmitAsync("hello", 1, "two", new { three = 3 });
        await hosts[2].Io.EmitAsync("bye");
        foreach (var client in clients)
        {
            var heard = new[] { await client.ReadAsync(), await client.ReadAsync() };
            Assert.Contains("""42["hello",1,"two",{"three":3}]""", heard);
            Assert.Contains("""42["bye"]""", heard);
        }
    }

    [Fact]
    public async Task A_broadcast_reaches_the_clients_of_its_namespace_alone()
    {
        var hosts = await StartAsync(2, io => io.Of("/custom"));
        var main = await JoinAsync(hosts[1]);
        var custom = await JoinAsync(hosts[1], "/custom");
        await hosts[0].Io.Of("/custom").EmitAsync("hello");
        await hosts[0].Io.EmitAsync("to the others");
        Assert.Equal("""42/custom,["hello"]""", await custom.ReadAsync());
        Assert.Equal("""42["to the others"]""", await main.ReadAsync());
    }

    [Fact]
    public async Task A_broadcast_to_a_room_reaches_its_members_on_all_servers()
    {
        var hosts = await StartAsync(3);
        var clients = new[] { await JoinAsync(hosts[0]), await JoinAsync(hosts[1]), await JoinAsync(hosts[2]) };
        await clients[0].Socket.JoinAsync("room");
        await clients[2].Socket.JoinAsync("room");
        await hosts[0].Io.To("room").EmitAsync("in the room");
        await hosts[0].Io.EmitAsync("to all");
        Assert.Equal("""42["in the room"]""", await clients[0].ReadAsync());
        Assert.Equal("""42["in the room"]""", await clients[2].ReadAsync());
        Assert.Equal("""42["to all"]""", await clients[1].ReadAsync());
    }

    [Fact]
    public async Task A_broadcast_leaves_out_rooms_on_all_servers()
    {
        var hosts = await StartAsync(2);
        var (a, b, c) = (await JoinAsync(hosts[0]), await JoinAsync(hosts[1]), await JoinAsync(hosts[1]));
        await b.Socket.JoinAsync("out");
        await hosts[0].Io.Except("out").EmitAsync("not to b");
        await a.Socket.Broadcast.EmitAsync("not to a");
        Assert.Equal("""42["not to b"]""", await a.ReadAsync());
        Assert.Equal("""42["not to a"]""", await b.ReadAsync());
        Assert.Equal("""42["not to b"]""", await c.ReadAsync());
        Assert.Equal("""42["not to a"]""", await c.ReadAsync());
        await a.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task A_local_broadcast_stays_on_its_server()
    {
        var hosts = await StartAsync(2);
        var (a, b) = (await JoinAsync(hosts[0]), await JoinAsync(hosts[1]));
        await hosts[0].Io.Local.EmitAsync("here");
        await hosts[0].Io.EmitAsync("everywhere");
        Assert.Equal("""42["here"]""", await a.ReadAsync());
        Assert.Equal("""42["everywhere"]""", await a.ReadAsync());
        Assert.Equal("""42["everywhere"]""", await b.ReadAsync());
    }

    [Fact]
    public async Task A_volatile_broadcast_reaches_the_clients_of_all_servers_in_its_place()
    {
        var hosts = await StartAsync(2);
        var (a, b) = (await JoinAsync(hosts[0]), await JoinAsync(hosts[1]));
        await hosts[0].Io.EmitAsync("first");
        Assert.Equal("""42["first"]""", await a.ReadAsync());
        Assert.Equal("""42["first"]""", await b.ReadAsync());
        // It would be given up behind what a connection has not written yet.
        await Waiting.Until(() => a.Socket.Connection.IsWritable && b.Socket.Connection.IsWritable);
        await hosts[0].Io.Volatile.EmitAsync("second", 2);
        Assert.Equal("""42["second",2]""", await a.ReadAsync());
        Assert.Equal("""42["second",2]""", await b.ReadAsync());
    }

    [Fact]
    public async Task Binary_values_travel_between_servers_as_they_are()
    {
        var hosts = await StartAsync(2);
        var client = await JoinAsync(hosts[1]);
        await hosts[0].Io.EmitAsync("bytes", new { inside = new byte[] { 1, 2 } }, new byte[] { 3 }, "text");
        Assert.Equal("""452-["bytes",{"inside":{"_placeholder":true,"num":0}},{"_placeholder":true,"num":1},"text"]""", await client.ReadAsync());
        Assert.Equal("0102", await client.ReadAsync());
        Assert.Equal("03", await client.ReadAsync());
    }

    [Fact]
    public async Task A_server_counts_those_that_are_there()
    {
        var hosts = await StartAsync(3);
        Assert.All(hosts, host => Assert.Equal(3, host.Io.ServerCount));
        await StopAsync(hosts[2]);
        Assert.Equal(2, hosts[0].Io.ServerCount);
        Assert.Equal(2, hosts[1].Io.ServerCount);
        await StartAsync();
        Assert.Equal(3, hosts[0].Io.ServerCount);
    }

    [Fact]
    public async Task Who_listens_to_what_goes_out_hears_of_what_other_servers_emit()
    {
        var hosts = await StartAsync(2);
        var (client, other) = (await JoinAsync(hosts[1]), await JoinAsync(hosts[1]));
        var heard = new ConcurrentQueue<string>();
        client.Socket.OnAnyOutgoing((name, arguments) => heard.Enqueue($"{name} {string.Join(',', arguments)}"));
        await hosts[0].Io.EmitAsync("first", 1, "two");
        await hosts[0].Io.To(other.Id).EmitAsync("not for it");
        await hosts[0].Io.EmitAsync("second", new byte[] { 1 });
        await hosts[0].Io.EmitAsync("third");
        await Waiting.Until(() => heard.Count == 3);
        Assert.Equal(["first 1,\"two\"", "second {\"_placeholder\":true,\"num\":0}", "third "], heard);
    }
}

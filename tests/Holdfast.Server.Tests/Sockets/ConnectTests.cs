using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Holdfast.Server.Tests.Sockets;

public class ConnectTests
{
    [Fact]
    public async Task A_second_CONNECT_while_the_first_is_pending_is_ignored()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var connections = 0;
        await using var host = await SocketHost.StartAsync(io => io
            .Use(async (_, next) =>
            {
                await gate.Task;
                await next();
            })
            .OnConnection(socket =>
            {
                connections++;
                socket.On("count", () => connections);
            }));
        using var peer = await host.OpenAsync();
        await peer.SendAsync("40");
        await peer.SendAsync("40");
        await peer.SendAsync("40/nowhere"); // its answer shows that both have been read
        Assert.Equal("44/nowhere,{\"message\":\"Invalid namespace\"}", await peer.ReadAsync());
        gate.SetResult();
        Assert.StartsWith("40{\"sid\":", await peer.ReadAsync(), StringComparison.Ordinal);
        await peer.SendAsync("421[\"count\"]");
        Assert.Equal("431[1]", await peer.ReadAsync());
    }

    [Fact]
    public async Task A_client_that_goes_away_during_the_middlewares_is_never_connected()
    {
        var entered = new TaskCompletionSource<ServerSocket>(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var connections = 0;
        await using var host = await SocketHost.StartAsync(io =>
        {
            io.Use(async (socket, next) =>
            {
                await socket.JoinAsync("room");
                entered.SetResult(socket);
                await gate.Task;
                await next();
                left.SetResult();
            });
            io.OnConnection(_ => connections++);
        });
        var peer = await host.OpenAsync();
        await peer.SendAsync("40");
        var pending = await entered.Task.Within();
        Assert.False(pending.Connected);
        Assert.Equal(["room", pending.Id], pending.Rooms.Order(StringComparer.Ordinal).OrderBy(room => room != "room"));
        peer.Dispose();
        await Waiting.Until(() => host.Io.Engine.ClientsCount == 0);
        gate.SetResult();
        await left.Task.Within();
        await Waiting.Until(() => host.Io.Sockets.Adapter.SessionCount == 0);
        Assert.Equal(0, connections);
    }

    [Fact]
    public async Task A_middleware_that_waits_for_an_answer_is_told_why_it_cannot()
    {
        Exception? fault = null;
        await using var host = await SocketHost.StartAsync(io => io.Use(async (socket, next) =>
        {
            fault = await Record.ExceptionAsync(() => socket.EmitWithAckAsync<int>("question"));
            await next();
        }));
        using var peer = await host.ConnectAsync();
        Assert.IsType<InvalidOperationException>(fault);
    }

    [Fact]
    public async Task Without_a_namespace_the_connection_ends_after_the_connect_timeout()
    {
        await using var host = await SocketHost.StartAsync(io => { }, options => options.ConnectTimeout = TimeSpan.FromSeconds(2));
        using var idle = await host.OpenAsync();
        using var joined = await host.ConnectAsync();
        host.Time.Advance(2_000);
        Assert.Equal("closed", await idle.ReadAsync());
        await joined.SendAsync("40/nowhere");
        Assert.Equal("44/nowhere,{\"message\":\"Invalid namespace\"}", await joined.ReadAsync());
    }

    [Fact]
    public async Task A_room_is_empty_again_when_its_sockets_are_gone()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket => socket.JoinAsync(["a", "b"])));
        for (var i = 0; i < 20; i++)
        {
            using var peer = await host.ConnectAsync();
            await peer.SendAsync("41");
        }
        await Waiting.Until(() => host.Io.Sockets.Adapter.SessionCount == 0 && host.Io.Sockets.Sockets.Count == 0);
        Assert.Equal(0, host.Io.Sockets.Adapter.RoomCount);
    }

    [Fact]
    public void The_server_is_mounted_once()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSocketIO();
        using var app = builder.Build();
        app.MapSocketIO(_ => { });
        Assert.Contains("called twice", Assert.Throws<InvalidOperationException>(() => app.MapSocketIO("/other", _ => { })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mapping_without_the_services_names_the_missing_line()
    {
        using var app = WebApplication.CreateSlimBuilder().Build();
        Assert.Contains("AddSocketIO", Assert.Throws<InvalidOperationException>(() => app.MapSocketIO(_ => { })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PingInterval")]
    [InlineData("ConnectTimeout")]
    [InlineData("MaxAttachments")]
    [InlineData("InboxLimit")]
    [InlineData("OutboxLimit")]
    public void A_bad_option_is_named_when_the_host_starts(string option)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSocketIO(options =>
        {
            var property = typeof(SocketIOOptions).GetProperty(option)!;
            property.SetValue(options, property.PropertyType == typeof(int) ? -1 : TimeSpan.FromSeconds(-1));
        });
        using var app = builder.Build();
        var fault = Assert.Throws<OptionsValidationException>(() => app.Services.GetRequiredService<IOptions<SocketIOOptions>>().Value);
        Assert.Contains(option, fault.Message, StringComparison.Ordinal);
    }
}

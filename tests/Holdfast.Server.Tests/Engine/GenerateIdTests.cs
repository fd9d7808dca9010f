namespace Holdfast.Server.Tests.Engine;

public class GenerateIdTests
{
    private const string BadRequest = """{"code":3,"message":"Bad request"}""";

    [Fact]
    public async Task The_application_may_make_the_ids()
    {
        var last = 0;
        await using var host = await EngineHost.StartAsync(options => options.GenerateId = context => new($"{context.Request.Query["transport"]}-{++last}.~_"));

        var (id, session) = await host.OpenPollingAsync();
        var (socket, direct) = await host.OpenWebSocketAsync();

        Assert.Equal("polling-1.~_", id);
        Assert.Equal("polling-1.~_", session.Session.Id);
        Assert.Equal("websocket-2.~_", direct.Session.Id);
        await host.PostAsync(id, "4a");
        Assert.Equal((200, "4a"), await host.PollAsync(id));
        socket.Dispose();
    }

    [Fact]
    public async Task It_may_take_its_time()
    {
        await using var host = await EngineHost.StartAsync(options => options.GenerateId = async _ =>
        {
            await Task.Yield();
            return "made-later";
        });

        Assert.Equal("made-later", (await host.OpenPollingAsync()).Id);
    }

    [Fact]
    public async Task A_failure_refuses_the_client_and_is_logged()
    {
        await using var host = await EngineHost.StartAsync(options => options.GenerateId = _ => throw new InvalidOperationException("no more ids"));
        host.ExpectedComplaints = 1;
        var errors = Errors(host);

        Assert.Equal((400, BadRequest), await host.GetAsync(EngineHost.PollingQuery));

        Assert.IsType<InvalidOperationException>(Assert.Single(errors).Context["error"]);
        Assert.Contains("The application's GenerateId failed", Assert.Single(host.Log.Complaints), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_refuses_a_WebSocket_before_it_is_one()
    {
        await using var host = await EngineHost.StartAsync(options => options.GenerateId = _ => ValueTask.FromException<string>(new InvalidOperationException("no more ids")));
        host.ExpectedComplaints = 1;
        using var raw = await host.OpenRawAsync();

        var head = await raw.UpgradeAsync(EngineHost.WebSocketQuery);

        Assert.StartsWith("HTTP/1.1 400 ", head, StringComparison.Ordinal);
        Assert.Equal("Bad request", await raw.ReadToEndAsync());
        Assert.Equal(0, host.Endpoint.ClientsCount);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("a b")]
    [InlineData("a\"b")]
    [InlineData("a/b")]
    [InlineData("a\r\nSet-Cookie: x")]
    [InlineData("ä")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task An_id_that_would_need_escaping_somewhere_is_refused(string? id)
    {
        await using var host = await EngineHost.StartAsync(options => options.GenerateId = _ => new(id!));
        var errors = Errors(host);

        Assert.Equal((400, BadRequest), await host.GetAsync(EngineHost.PollingQuery));

        Assert.Equal((3, "ID_GENERATION_ERROR"), (Assert.Single(errors).Code, errors[0].Name));
        Assert.Contains("made an id that is not 1 to 128 characters", (string)errors[0].Context["error"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_that_an_open_session_has_is_refused_and_that_session_lives_on()
    {
        await using var host = await EngineHost.StartAsync(options => options.GenerateId = _ => new("one"));
        var errors = Errors(host);
        var (id, _) = await host.OpenPollingAsync();

        Assert.Equal((400, BadRequest), await host.GetAsync(EngineHost.PollingQuery));
        using var raw = await host.OpenRawAsync();
        Assert.StartsWith("HTTP/1.1 400 ", await raw.UpgradeAsync(EngineHost.WebSocketQuery), StringComparison.Ordinal);

        Assert.All(errors, error => Assert.Contains("an open session has", (string)error.Context["error"]!, StringComparison.Ordinal));
        Assert.Equal(2, errors.Count);
        Assert.Equal(1, host.Endpoint.ClientsCount);
        await host.PostAsync(id, "4a");
        Assert.Equal((200, "4a"), await host.PollAsync(id));
    }

    private static List<EngineConnectionError> Errors(EngineHost host)
    {
        var errors = new List<EngineConnectionError>();
        host.Endpoint.OnConnectionError(errors.Add);
        return errors;
    }
}

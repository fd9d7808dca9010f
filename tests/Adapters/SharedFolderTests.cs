using Holdfast.Recovery;
using Holdfast.Recovery.Files;
using Holdfast.Server.Tests.Recovery;
using Holdfast.Server.Tests.Recovery.Files;
using Holdfast.Testing;

namespace Holdfast.Adapters.Tests;

/// <summary>The files of a folder, which several processes of one machine can share.</summary>
public sealed class SharedFolderTests : LogContract
{
    private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-cluster-").FullName;

    private int _queueLimit = 16 * 1024 * 1024;

    private protected override ISharedLog Join() => new FileLog(new FileLogOptions { Folder = _folder, ApplicationName = static () => "test", AppendQueueLimit = _queueLimit });

    [Fact]
    public async Task What_is_told_of_many_sockets_waits_for_room_in_the_log()
    {
        _queueLimit = 1000; // one record is always taken
        var hosts = await StartAsync(2, io => io.OnConnection(socket => socket.On("grow", () => Grow(socket))));
        for (var i = 0; i < 10; i++)
        {
            var client = await JoinAsync(hosts[1]);
            await client.SendAsync("420[\"grow\"]");
            Assert.Equal("430[true]", await client.ReadAsync()); // its data are written, and the next has the queue for itself
        }
        var found = await hosts[0].Io.FetchSocketsAsync().Within();
        Assert.Equal(10, found.Count);
        Assert.All(found, socket => Assert.Equal(200_000, socket.Data.Get<string>("large")!.Length));
    }

    private static bool Grow(ServerSocket socket)
    {
        socket.Data.Set("large", new string('x', 200_000));
        return true;
    }

    [Fact]
    public async Task A_server_that_is_killed_is_not_waited_for()
    {
        var host = await StartAsync();
        await StartAsync(io => io.OnServerSideEmit("question", () => 1));
        using var killed = await NodeProcess.StartAsync(_folder);
        await Waiting.Until(() => host.Io.ServerCount == 3);
        var asked = host.Io.ServerSideEmitWithAckAsync<int>("question");
        var fetching = host.Io.FetchSocketsAsync();
        await SettleAsync();
        Assert.False(asked.IsCompleted || fetching.IsCompleted);
        await killed.KillAsync();
        var answers = await asked.Within(); // nobody has moved the clock
        Assert.Equal([1], answers.Responses);
        Assert.Equal(1, answers.Missing);
        Assert.Empty(await fetching.Within());
        Assert.Equal(2, host.Io.ServerCount);
    }

    [Fact]
    public async Task A_server_that_is_stopped_holds_up_nobody_but_those_who_ask_it()
    {
        var through = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var host = await StartAsync();
        var other = await StartAsync(io =>
        {
            io.OnServerSideEmit("question", () => 1);
            io.OnServerSideEmit("through?", () => through.TrySetResult());
        });
        var client = await JoinAsync(other);
        using var stopped = await NodeProcess.StartAsync(_folder);
        await Waiting.Until(() => host.Io.ServerCount == 3);
        stopped.Pause();
        var asked = host.Io.ServerSideEmitWithAckAsync<int>("question");
        await host.Io.EmitAsync("event");
        Assert.Equal("""42["event"]""", await client.ReadAsync());
        var question = host.Io.In(client.Id).EmitWithAckAsync<int>("question");
        await client.AnswerAsync("7");
        await client.AssertNothingMoreAsync(); // its server has had its answer
        await host.Io.ServerSideEmitAsync("through?");
        await through.Task.Within(); // and has given its own
        await SettleAsync();
        Assert.False(asked.IsCompleted || question.IsCompleted);
        var answers = await host.WhileTimePassesAsync(asked);
        Assert.Equal([1], answers.Responses);
        Assert.Equal(1, answers.Missing);
        var responses = await host.WhileTimePassesAsync(question);
        Assert.Equal([7], responses.Responses);
        Assert.Equal(1, responses.SilentServers);
        stopped.Continue();
        await stopped.StopAsync();
        await Waiting.Until(() => host.Io.ServerCount == 2);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}

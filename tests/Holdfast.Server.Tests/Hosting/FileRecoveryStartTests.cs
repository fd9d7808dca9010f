using Holdfast.Server.Tests.Recovery;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Server.Tests.Hosting;

/// <summary>A host starts on a folder, or says why it does not.</summary>
public sealed class FileRecoveryStartTests : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("holdfast-start-").FullName;

    private string Folder => Path.Combine(_parent, "log");

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [Fact]
    public async Task A_client_of_a_process_that_has_ended_is_recovered_by_the_next_with_what_was_sent_in_between()
    {
        var first = await StartAsync();
        using var client = await first.JoinAsync();
        await first.SocketOf(client).JoinAsync("room");
        await first.DisposeAsync();
        var between = await StartAsync();
        await between.Io.To("room").EmitAsync("missed", 1);
        await between.DisposeAsync();

        await using var last = await StartAsync();
        using var back = await last.ReturnAsync(client);
        Assert.Equal((client.Id, client.Pid), (back.Id, back.Pid));
        Assert.Equal("42[\"missed\",1]", await back.ReadEventAsync());
    }

    [Fact]
    public async Task The_folder_is_made_for_its_owner_alone()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Rights of files are another matter there.");
        await using var host = await StartAsync();
        foreach (var folder in new[] { Folder, Path.Combine(Folder, "nodes") })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(folder).UnixFileMode);
    }

    [Fact]
    public async Task A_relative_folder_begins_at_the_content_root()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = _parent });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSocketIO().AddFileRecovery("log");
        await using var app = builder.Build();
        app.MapSocketIO(_ => { });
        await app.StartAsync().Within();
        Assert.True(Directory.Exists(Path.Combine(_parent, "log", "nodes")));
    }

    [Theory]
    [InlineData("/other", null, false, "Holdfast.Server.Tests/other with JsonPacketParser")]
    [InlineData("/socket.io", "orders", false, "orders with JsonPacketParser")]
    [InlineData("/socket.io", null, true, "Holdfast.Server.Tests/socket.io with MessagePackParser")]
    public async Task Another_application_on_the_same_folder_does_not_start_and_says_whose_it_is(string path, string? name, bool withMessagePack, string expected)
    {
        await using var host = await StartAppAsync("/socket.io", null, false);
        var refusal = await Assert.ThrowsAsync<RecoveryUnavailableException>(() => StartAppAsync(path, name, withMessagePack));
        Assert.Contains("is the log of the application Holdfast.Server.Tests/socket.io with JsonPacketParser, ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"and this is {expected}: give each its own folder.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_that_give_themselves_one_name_share_a_folder_at_different_paths()
    {
        await using var one = await StartAppAsync("/one", "orders", false);
        await using var other = await StartAppAsync("/other", "orders", false);
    }

    [Fact]
    public async Task A_folder_that_can_not_be_used_is_named_by_the_start_that_fails()
    {
        await File.WriteAllTextAsync(Folder, "");
        var refusal = await Assert.ThrowsAsync<RecoveryUnavailableException>(() => StartAppAsync("/socket.io", null, false));
        Assert.Contains(Folder, refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.OutcomeUnknown);
    }

    [Fact]
    public async Task A_foreign_file_among_the_segments_fails_the_start_and_stays_as_it_is()
    {
        Directory.CreateDirectory(Folder);
        var foreign = Path.Combine(Folder, "0000000000000000077.log");
        await File.WriteAllTextAsync(foreign, "a diary");
        var refusal = await Assert.ThrowsAsync<RecoveryUnavailableException>(() => StartAppAsync("/socket.io", null, false));
        Assert.Contains(foreign, refusal.Message, StringComparison.Ordinal);
        Assert.Equal("a diary", await File.ReadAllTextAsync(foreign));
    }

    private Task<SocketHost> StartAsync() => RecoveryHost.StartAsync(services: services => services.AddSocketIO().AddFileRecovery(Folder));

    private async Task<WebApplication> StartAppAsync(string path, string? name, bool withMessagePack)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "Holdfast.Server.Tests" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSocketIO(options => options.Parser = withMessagePack ? new MessagePackParser() : null).AddFileRecovery(Folder, options => options.ApplicationName = name);
        var app = builder.Build();
        app.MapSocketIO(path, _ => { });
        try
        {
            await app.StartAsync().Within();
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }
}

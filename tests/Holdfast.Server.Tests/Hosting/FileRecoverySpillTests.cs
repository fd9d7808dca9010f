using System.Text;
using Holdfast.Server.Tests.Recovery;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Server.Tests.Hosting;

/// <summary>Files that hold far more than memory may: what was missed comes out of them.</summary>
public sealed class FileRecoverySpillTests : IAsyncDisposable
{
    private const int Events = 60;

    private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-spill-").FullName;

    private string[] Segments => [.. Directory.GetFiles(_folder, "*.log").Order(StringComparer.Ordinal)];

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return default;
    }

    [Fact]
    public async Task What_was_missed_is_byte_for_byte_what_others_got_on_the_same_process_and_on_the_next()
    {
        Peer peer, back;
        List<string> expected;
        await using (var host = await StartAsync())
        {
            (peer, expected) = await MissAsync(host);
            back = await host.KnockAsync(peer);
            await AssertAllAsync(back, expected);
            Assert.InRange(BytesOf(host), 1, 64 * 1024);
            await host.CutAsync(back);
            back.Offset = peer.Offset;
        }
        await using var next = await StartAsync();
        Assert.InRange(BytesOf(next), 1, 64 * 1024);
        using var again = await next.KnockAsync(back);
        await AssertAllAsync(again, expected);
        await again.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task A_file_that_somebody_deletes_is_a_loss_that_is_told()
    {
        await using var host = await StartAsync();
        var (peer, _) = await MissAsync(host);
        File.Delete(Segments[1]);
        File.Delete(Segments[0]);
        await AssertToldAsync(host, peer);
    }

    [Fact]
    public async Task Bytes_that_have_changed_are_a_loss_that_is_told_and_logged()
    {
        await using var host = await StartAsync();
        var (peer, _) = await MissAsync(host);
        var segment = Segments.First(path => Text(path).Contains("[\"e\",4,", StringComparison.Ordinal));
        var bytes = await File.ReadAllBytesAsync(segment);
        bytes[Text(segment).IndexOf("[\"e\",4,", StringComparison.Ordinal) + 100] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes);

        await AssertToldAsync(host, peer);

        Assert.Contains(segment, Assert.Single(host.Complaints), StringComparison.Ordinal);
        host.ExpectedComplaints = 1;
    }

    [Fact]
    public async Task What_the_size_of_the_files_has_cut_off_is_gone_from_the_window_too()
    {
        await using var host = await StartAsync();
        var (peer, _) = await MissAsync(host);
        for (var i = 0; i < 2 * Events; i++)
            await host.Io.EmitAsync("more", new string('x', 20_000)).Within();
        host.ExpectedComplaints = 1; // that the files hold too little

        using var back = await host.ReturnAsync(peer);

        Assert.Equal(new(RecoveryOutcome.StateOnly, RecoveryReason.EventsTrimmed, 0), host.SocketOf(back).Recovery);
        Assert.InRange(host.Store.Log.Count, 20, 2 * Events);
    }

    private Task<SocketHost> StartAsync() => RecoveryHost.StartAsync(recovery: options => options.ReplayBurst = 1 << 30, services: services => services.AddSocketIO().AddFileRecovery(_folder, options =>
    {
        options.MaxBytes = 2 * 1024 * 1024;
        options.MaxMemoryBytes = 64 * 1024;
    }));

    /// <summary>Some 1.2 MB in segments of 128 KiB.</summary>
    private static async Task<(Peer Peer, List<string> Expected)> MissAsync(SocketHost host)
    {
        var peer = await host.JoinAsync();
        using var witness = await host.JoinAsync();
        await host.SocketOf(peer).JoinAsync("room").Within();
        await host.Io.EmitAsync("seen").Within();
        Assert.Equal("42[\"seen\"]", await peer.ReadEventAsync());
        await witness.ReadAsync();
        await host.CutAsync(peer);
        List<string> expected = [];
        for (var i = 0; i < Events; i++)
        {
            var isBinary = i % 3 == 2;
            await host.Io.To(i % 2 == 0 ? "room" : peer.Id).To(witness.Id).EmitAsync("e", i, isBinary ? new byte[20_000] : new string('x', 20_000)).Within();
            for (var frames = isBinary ? 2 : 1; frames > 0; frames--)
                expected.Add(await witness.ReadAsync());
        }
        return (peer, expected);
    }

    private static async Task AssertAllAsync(Peer back, List<string> expected)
    {
        await back.ReadConnectAsync();
        foreach (var frame in expected)
            Assert.Equal(frame, await back.ReadAsync());
    }

    /// <summary>What comes before the end of the connection is what was promised; then the client comes back.</summary>
    private static async Task AssertToldAsync(SocketHost host, Peer peer)
    {
        using var back = await host.KnockAsync(peer);
        await back.ReadConnectAsync();
        for (var i = 0; await back.ReadAsync() is var frame and not "closed"; i++)
            Assert.StartsWith(i == 2 ? "451-[\"e\",2," : i < 2 ? $"42[\"e\",{i}," : i == 3 ? "0000" : "42[\"e\",3,", frame, StringComparison.Ordinal);
        using var third = await host.ReturnAsync(back);
        Assert.Equal(new(RecoveryOutcome.StateOnly, RecoveryReason.EventsTrimmed, 0), host.SocketOf(third).Recovery);
        await third.AssertNothingMoreAsync();
    }

    private static long BytesOf(SocketHost host)
    {
        lock (host.Store.Log.Gate)
            return host.Store.Log.Bytes;
    }

    private static string Text(string path) => Encoding.Latin1.GetString(File.ReadAllBytes(path));
}

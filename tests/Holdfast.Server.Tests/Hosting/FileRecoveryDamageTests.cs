using System.Buffers.Binary;
using System.Text;
using Holdfast.Server.Tests.Recovery;
using Holdfast.Server.Tests.Sockets;
using Holdfast.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Server.Tests.Hosting;

/// <summary>
/// Files that are not what the last process left: whoever comes back to them gets everything, or is told that something is lost. Each test takes the files as they are when all processes are killed at
/// one moment, and starts a host on them.
/// </summary>
public sealed class FileRecoveryDamageTests : IAsyncLifetime
{
    private const int Events = 40;

    private readonly string _parent = Directory.CreateTempSubdirectory("holdfast-damage-").FullName;
    private SocketHost _host = null!;
    private Peer _client = null!;

    private string Image => Path.Combine(_parent, "image");

    private string[] Segments => [.. Directory.GetFiles(Image, "*.log").Order(StringComparer.Ordinal)];

    /// <summary>A client has seen half of what was sent to it when everything ends; some files are full by then.</summary>
    public async ValueTask InitializeAsync()
    {
        _host = await StartAsync(Path.Combine(_parent, "log"));
        _client = await _host.JoinAsync();
        for (var i = 1; i <= Events; i++)
            await _host.Io.EmitAsync("news", i, new string('x', 10_000)).Within();
        for (var i = 1; i <= Events / 2; i++)
            await _client.ReadEventAsync();
        Copy();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
        Directory.Delete(_parent, recursive: true);
    }

    [Fact]
    public async Task Untouched_they_bring_everything_back()
    {
        Assert.True(Segments.Length > 4);
        await AssertRecoveredAsync();
    }

    [Fact]
    public async Task A_record_that_was_only_half_written_at_the_end_is_passed_over()
    {
        var bytes = await File.ReadAllBytesAsync(Segments[^1]);
        var last = bytes.AsSpan().LastIndexOf(bytes.AsSpan(32, 4)); // where its records' magic stands last
        await File.WriteAllBytesAsync(Segments[^1], [.. bytes, .. bytes[last..^1]]);
        await AssertRecoveredAsync();
    }

    [Fact]
    public async Task Torn_records_in_the_middle_are_passed_over()
    {
        var bytes = await File.ReadAllBytesAsync(Segments[^1]);
        var second = 256 + RecordLength(bytes, 256);
        await File.WriteAllBytesAsync(Segments[^1], [.. bytes[..second], .. bytes[256..(second - 5)], .. bytes[second..]]);
        await AssertRecoveredAsync();
    }

    [Fact]
    public async Task An_event_whose_bytes_have_changed_is_a_loss_that_is_told()
    {
        var last = Segments.Last(path => Text(path).Contains($"[\"news\",{Events - 2},", StringComparison.Ordinal));
        var bytes = await File.ReadAllBytesAsync(last);
        var at = Text(last).IndexOf($"[\"news\",{Events - 2},", StringComparison.Ordinal);
        bytes[at + 100] ^= 1;
        await File.WriteAllBytesAsync(last, bytes);
        await AssertToldAsync();
    }

    [Fact]
    public async Task A_file_that_is_missing_is_a_loss_that_is_told()
    {
        var missing = Segments.First(path => Text(path).Contains($"[\"news\",{(Events / 2) + 3},", StringComparison.Ordinal));
        Assert.NotEqual(Segments[^1], missing);
        File.Delete(missing);
        await AssertToldAsync();
    }

    [Fact]
    public async Task An_end_that_is_missing_is_a_loss_that_is_told()
    {
        // Less is there than the client has seen.
        foreach (var segment in Segments.Where(path => !Text(path).Contains("[\"news\",1,", StringComparison.Ordinal)))
            File.Delete(segment);
        await AssertToldAsync();
    }

    [Fact]
    public async Task Files_that_are_all_gone_are_a_loss_that_is_told()
    {
        Directory.Delete(Image, recursive: true);
        await AssertToldAsync();
    }

    [Theory]
    [InlineData(8, 2, "format 2")]
    [InlineData(100, 0, "broken")]
    [InlineData(0, 0, "not a segment")]
    public async Task A_file_that_can_not_be_read_fails_the_start(int at, byte value, string said)
    {
        var bytes = await File.ReadAllBytesAsync(Segments[1]);
        bytes[at] = value;
        await File.WriteAllBytesAsync(Segments[1], bytes);
        var refusal = await Assert.ThrowsAsync<RecoveryUnavailableException>(() => StartAsync(Image));
        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(Segments[1], refusal.Message, StringComparison.Ordinal);
    }

    private async Task AssertRecoveredAsync()
    {
        await using var next = await StartAsync(Image);
        using var back = await next.ReturnAsync(_client);
        Assert.Equal((_client.Id, _client.Pid), (back.Id, back.Pid));
        for (var i = (Events / 2) + 1; i <= Events; i++)
            Assert.StartsWith($"42[\"news\",{i},", await back.ReadEventAsync(), StringComparison.Ordinal);
        await back.AssertNothingMoreAsync();
    }

    private async Task AssertToldAsync()
    {
        await using var next = await StartAsync(Image);
        using var back = await next.ReturnAsync(_client);
        Assert.NotEqual(_client.Pid, back.Pid); // which is what a client goes by
        Assert.False(next.SocketOf(back).Recovered);
        await back.AssertNothingMoreAsync();
        await next.Io.EmitAsync("after", 1);
        Assert.Equal("42[\"after\",1]", await back.ReadEventAsync());
    }

    private static Task<SocketHost> StartAsync(string folder) =>
        RecoveryHost.StartAsync(services: services => services.AddSocketIO().AddFileRecovery(folder, options => options.MaxBytes = 1024 * 1024));

    private void Copy()
    {
        Directory.CreateDirectory(Image);
        foreach (var segment in Directory.GetFiles(Path.Combine(_parent, "log"), "*.log"))
            File.Copy(segment, Path.Combine(Image, Path.GetFileName(segment)));
    }

    private static string Text(string path) => Encoding.Latin1.GetString(File.ReadAllBytes(path));

    private static int RecordLength(byte[] bytes, int at) => RecordHeadSize + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 8));

    private static int RecordHeadSize => Holdfast.Recovery.Files.RecordFormat.HeadSize;
}

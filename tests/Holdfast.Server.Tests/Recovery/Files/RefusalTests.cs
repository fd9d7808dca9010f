using System.Text;
using Holdfast.Recovery.Files;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery.Files;

/// <summary>Folders that a start refuses, with a text that says what to do; the folder stays as it was.</summary>
public class RefusalTests
{
    [Fact]
    public async Task A_network_drive()
    {
        await using var rig = new FolderRig();
        Assert.Contains("network", await RefusalAsync(rig, options => options with { DriveTypeOf = _ => DriveType.Network }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_drive_of_the_folder_is_the_one_that_is_looked_at()
    {
        await using var rig = new FolderRig();
        Assert.NotEqual(DriveType.Network, rig.Options.DriveTypeOf(Path.GetTempPath()));
        if (OperatingSystem.IsLinux())
            Assert.Equal(DriveType.Ram, rig.Options.DriveTypeOf("/proc/self"));
    }

    [Fact]
    public async Task A_folder_that_can_not_be_written_to()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("It needs a folder that even root can't write to.");
        await using var rig = new FolderRig();
        Assert.Contains("/proc/self", await RefusalAsync(rig, options => options with { Folder = "/proc/self" }), StringComparison.Ordinal);
        Assert.Contains("/proc/self/log", await RefusalAsync(rig, options => options with { Folder = "/proc/self/log" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_in_place_of_the_folder()
    {
        await using var rig = new FolderRig();
        await File.WriteAllTextAsync(rig.Folder, "");
        Assert.Contains(rig.Folder, await RefusalAsync(rig), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HOLDFAST")]
    [InlineData("some log of somebody else, with a name that happens to fit\n")]
    public async Task A_foreign_file_with_the_name_of_a_segment(string text)
    {
        await using var rig = await WithRecordsAsync();
        var foreign = Path.Combine(rig.Folder, "0000000000000999999.log");
        await File.WriteAllTextAsync(foreign, text);
        Assert.Contains(foreign, await RefusalAsync(rig), StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(foreign));
    }

    [Fact]
    public async Task A_newer_format()
    {
        await using var rig = await WithRecordsAsync();
        Change(rig, bytes => bytes[8] = 2);
        Assert.Contains("format 2", await RefusalAsync(rig), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_application()
    {
        await using var rig = await WithRecordsAsync();
        var refusal = await RefusalAsync(rig, options => options with { ApplicationName = static () => "other" });
        Assert.Contains("application test", refusal, StringComparison.Ordinal);
        Assert.Contains("other", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public async Task An_application_whose_name_has_no_place_in_a_header(int length)
    {
        await using var rig = new FolderRig();
        Assert.Contains("1 to 128 bytes", await RefusalAsync(rig, options => options with { ApplicationName = () => new string('ä', length) }), StringComparison.Ordinal);
        Assert.False(Directory.Exists(rig.Folder));
    }

    [Fact]
    public async Task A_broken_header()
    {
        await using var rig = await WithRecordsAsync();
        Change(rig, bytes => bytes[200] ^= 1);
        Assert.Contains("broken", await RefusalAsync(rig), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_segment_that_was_renamed()
    {
        await using var rig = await WithRecordsAsync();
        File.Move(rig.Segments[0], Path.Combine(rig.Folder, "0000000000000000002.log"));
        Assert.Contains("renamed", await RefusalAsync(rig), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_without_room_for_the_first_record()
    {
        await using var rig = await WithRecordsAsync();
        Assert.Contains("written", await RefusalAsync(rig, options => options with { Append = (_, _) => -28 }), StringComparison.Ordinal);
        var (_, read) = await rig.StartAsync();
        Assert.Equal(3, read.Records.Length);
    }

    [Fact]
    public async Task After_a_refusal_nothing_of_the_node_is_left()
    {
        await using var rig = await WithRecordsAsync();
        await RefusalAsync(rig, options => options with { ApplicationName = static () => "other" });
        Assert.Empty(Directory.GetFiles(Path.Combine(rig.Folder, "nodes")));
    }

    private static async Task<FolderRig> WithRecordsAsync()
    {
        var rig = new FolderRig();
        var (log, _) = await rig.StartAsync();
        await log.AppendAsync("a", 3);
        rig.KillAll();
        return rig;
    }

    private static void Change(FolderRig rig, Action<byte[]> change)
    {
        var bytes = File.ReadAllBytes(rig.Segments[0]);
        change(bytes);
        File.WriteAllBytes(rig.Segments[0], bytes);
    }

    private static async Task<string> RefusalAsync(FolderRig rig, Func<FileLogOptions, FileLogOptions>? change = null)
    {
        await using var log = new FileLog(change?.Invoke(rig.Options) ?? rig.Options);
        var refusal = await Assert.ThrowsAsync<RecoveryUnavailableException>(() => log.StartAsync(new Recording(), CancellationToken.None).Within());
        Assert.Throws<InvalidOperationException>(() => { _ = log.AppendAsync(FolderRig.Event, Encoding.UTF8.GetBytes("x")); });
        return refusal.Message;
    }
}

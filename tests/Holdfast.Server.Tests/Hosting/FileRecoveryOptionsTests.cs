using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Holdfast.Server.Tests.Hosting;

public class FileRecoveryOptionsTests
{
    [Theory]
    [InlineData(nameof(FileRecoveryOptions.Folder))]
    [InlineData(nameof(FileRecoveryOptions.ApplicationName))]
    [InlineData(nameof(FileRecoveryOptions.Sync))]
    [InlineData(nameof(FileRecoveryOptions.SyncInterval))]
    [InlineData(nameof(FileRecoveryOptions.Window))]
    [InlineData(nameof(FileRecoveryOptions.MaxBytes))]
    [InlineData(nameof(FileRecoveryOptions.MaxMemoryBytes))]
    [InlineData(nameof(FileRecoveryOptions.MaxPendingBytes))]
    public void A_value_out_of_range_is_named_when_the_host_starts(string option)
    {
        var fault = Assert.Throws<OptionsValidationException>(() => Read(options =>
        {
            var property = typeof(FileRecoveryOptions).GetProperty(option)!;
            property.SetValue(options, property.PropertyType switch
            {
                var type when type == typeof(int) => 0,
                var type when type == typeof(long) => 0L,
                var type when type == typeof(string) => " ",
                var type when type == typeof(FileSyncMode) => (FileSyncMode)7,
                _ => TimeSpan.Zero,
            });
        }));
        Assert.StartsWith($"FileRecoveryOptions: {option} is ", fault.Message, StringComparison.Ordinal);
        Assert.Single(fault.Failures);
    }

    [Fact]
    public void The_window_can_not_be_shorter_than_what_recovery_needs()
    {
        var needed = TimeSpan.FromMinutes(2 * (2 + 0.75));
        var fault = Assert.Throws<OptionsValidationException>(() => Read(options => options.Window = needed - TimeSpan.FromTicks(1)));
        Assert.Contains("at least 00:05:30", fault.Message, StringComparison.Ordinal);
        Assert.Equal(needed, Read(options => options.Window = needed).Window);
        Assert.Throws<OptionsValidationException>(() => Read(options => options.Window = TimeSpan.FromDays(366)));
    }

    [Fact]
    public void A_fault_of_the_servers_own_options_is_told_once()
    {
        var fault = Assert.Throws<OptionsValidationException>(() => Read(_ => { }, options => options.ConnectTimeout = TimeSpan.Zero));
        Assert.StartsWith("SocketIOOptions: ", Assert.Single(fault.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void The_defaults_are_valid_and_recovery_is_on_unless_the_application_has_said_more()
    {
        var options = Read(_ => { }, out var server);
        Assert.Equal((FileSyncMode.Never, null, 256L * 1024 * 1024, 64L * 1024 * 1024), (options.Sync, options.Window, options.MaxBytes, options.MaxMemoryBytes));
        Assert.Equal(TimeSpan.FromMinutes(2), server.ConnectionStateRecovery!.MaxDisconnectionDuration);

        Read(_ => { }, out server, options => options.ConnectionStateRecovery = new() { MaxDisconnectionDuration = TimeSpan.FromMinutes(1) });
        Assert.Equal(TimeSpan.FromMinutes(1), server.ConnectionStateRecovery!.MaxDisconnectionDuration);
    }

    [Fact]
    public void Configuration_sets_all_of_them()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Files:Folder"] = "elsewhere", ["Files:ApplicationName"] = "orders", ["Files:Sync"] = "Interval", ["Files:SyncInterval"] = "00:00:00.020",
            ["Files:Window"] = "00:10:00", ["Files:MaxBytes"] = "2000000", ["Files:MaxMemoryBytes"] = "3000000", ["Files:MaxPendingBytes"] = "100000",
        });
        builder.Services.AddSocketIO().AddFileRecovery("folder");
        builder.Services.Configure<FileRecoveryOptions>(builder.Configuration.GetSection("Files"));
        using var app = builder.Build();
        var options = app.Services.GetRequiredService<IOptions<FileRecoveryOptions>>().Value;
        Assert.Equal(
            ("elsewhere", "orders", FileSyncMode.Interval, TimeSpan.FromMilliseconds(20), TimeSpan.FromMinutes(10), (2_000_000, 3_000_000, 100_000)),
            (options.Folder, options.ApplicationName, options.Sync, options.SyncInterval, options.Window, (options.MaxBytes, options.MaxMemoryBytes, options.MaxPendingBytes)));
        Assert.Equal(8, typeof(FileRecoveryOptions).GetProperties().Length);
    }

    [Fact]
    public void A_server_has_one_log()
    {
        var socketIO = new ServiceCollection().AddSocketIO().AddFileRecovery("a");
        Assert.Throws<InvalidOperationException>(() => socketIO.AddFileRecovery("b"));
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddSocketIO().AddFileRecovery(" "));
    }

    private static FileRecoveryOptions Read(Action<FileRecoveryOptions> configure, Action<SocketIOOptions>? server = null) => Read(configure, out _, server);

    private static FileRecoveryOptions Read(Action<FileRecoveryOptions> configure, out SocketIOOptions server, Action<SocketIOOptions>? configureServer = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSocketIO(configureServer).AddFileRecovery("folder", configure);
        using var app = builder.Build();
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        server = app.Services.GetRequiredService<IOptions<SocketIOOptions>>().Value;
        return app.Services.GetRequiredService<IOptions<FileRecoveryOptions>>().Value;
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Holdfast.Server.Tests.Recovery;

public class RecoveryOptionsTests
{
    [Theory]
    [InlineData(nameof(ConnectionStateRecoveryOptions.MaxDisconnectionDuration))]
    [InlineData(nameof(ConnectionStateRecoveryOptions.ReplayOrder))]
    [InlineData(nameof(ConnectionStateRecoveryOptions.MaxLogEntries))]
    [InlineData(nameof(ConnectionStateRecoveryOptions.MaxLogBytes))]
    [InlineData(nameof(ConnectionStateRecoveryOptions.MaxParkedSessions))]
    [InlineData(nameof(ConnectionStateRecoveryOptions.MaxParkedBytes))]
    [InlineData(nameof(ConnectionStateRecoveryOptions.MaxParkedSessionsPerUser))]
    [InlineData(nameof(ConnectionStateRecoveryOptions.MaxReplayBytes))]
    [InlineData(nameof(ConnectionStateRecoveryOptions.ReplayBurst))]
    [InlineData(nameof(ConnectionStateRecoveryOptions.ReplayBytesPerSecond))]
    public void A_value_out_of_range_is_named_when_the_host_starts(string option)
    {
        var fault = Assert.Throws<OptionsValidationException>(() => Read(options =>
        {
            var property = typeof(ConnectionStateRecoveryOptions).GetProperty(option)!;
            property.SetValue(options.ConnectionStateRecovery, property.PropertyType switch
            {
                var type when type == typeof(int) => 0,
                var type when type == typeof(long) => 0L,
                var type when type == typeof(TimeSpan) => TimeSpan.Zero,
                _ => (ReplayOrder)7,
            });
        }));
        Assert.Contains(option, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dropping_events_of_slow_readers_contradicts_recovery()
    {
        var fault = Assert.Throws<OptionsValidationException>(() => Read(options => options.SlowConsumerPolicy = SlowConsumerPolicy.Drop));
        Assert.Contains(nameof(SocketIOOptions.SlowConsumerPolicy), fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_off_by_default_and_its_defaults_are_valid()
    {
        Assert.Null(new SocketIOOptions().ConnectionStateRecovery);
        Assert.NotNull(Read(_ => { }).ConnectionStateRecovery);
        Assert.Equal(TimeSpan.FromMinutes(2), new ConnectionStateRecoveryOptions().MaxDisconnectionDuration);
        Assert.True(new ConnectionStateRecoveryOptions().SkipMiddlewares);
    }

    private static SocketIOOptions Read(Action<SocketIOOptions> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSocketIO(options =>
        {
            options.ConnectionStateRecovery = new ConnectionStateRecoveryOptions();
            configure(options);
        });
        using var app = builder.Build();
        return app.Services.GetRequiredService<IOptions<SocketIOOptions>>().Value;
    }
}

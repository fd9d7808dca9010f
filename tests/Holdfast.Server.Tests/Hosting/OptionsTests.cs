using System.Text;
using Holdfast.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Holdfast.Server.Tests.Hosting;

/// <summary>Options come from code or from configuration, and the host doesn't start with wrong ones.</summary>
public class OptionsTests
{
    public static TheoryData<string> All => [.. OptionList.All.Select(option => option.Path)];

    public static TheoryData<string> Bounded => [.. OptionList.All.Where(option => option.IsOurs && Absurd(option).Any()).Select(option => option.Path)];

    [Theory]
    [MemberData(nameof(All))]
    public void Configuration_sets_every_option(string path)
    {
        var option = OptionList.Named(path);
        Assert.NotEqual(option.Values, option.Read(new SocketIOOptions()));

        var services = new ServiceCollection();
        services.AddSocketIO();
        services.Configure<SocketIOOptions>(option.Configuration.GetSection("SocketIO"));
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IStartupValidator>().Validate();

        Assert.Equal(option.Values, option.Read(provider.GetRequiredService<IOptions<SocketIOOptions>>().Value), StringComparer.OrdinalIgnoreCase);
    }

    [Theory]
    [MemberData(nameof(Bounded))]
    public void A_value_that_makes_no_sense_fails_the_start_with_the_options_name_and_what_it_must_be(string path)
    {
        var option = OptionList.Named(path);
        foreach (var absurd in Absurd(option))
        {
            var services = new ServiceCollection();
            services.AddSocketIO(options => option.Set(options, absurd));
            using var provider = services.BuildServiceProvider();

            var fault = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());

            var failure = Assert.Single(fault.Failures);
            Assert.StartsWith("SocketIOOptions: ", failure, StringComparison.Ordinal);
            Assert.Contains(option.Property.Name, failure, StringComparison.Ordinal);
            Assert.Contains(" must ", failure, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_options_of_every_layer_are_among_those_that_are_checked()
    {
        string[] some =
        [
            nameof(SocketIOOptions.PingInterval), nameof(SocketIOOptions.MaxHttpBufferSize), nameof(SocketIOOptions.Transports), nameof(SocketIOOptions.ConnectTimeout), nameof(SocketIOOptions.AckTimeout),
            nameof(SocketIOOptions.SlowConsumerPolicy), $"{nameof(SocketIOOptions.ConnectionStateRecovery)}:{nameof(ConnectionStateRecoveryOptions.MaxLogBytes)}",
        ];

        Assert.Empty(some.Except(Bounded.Select(row => row.Data)));
        Assert.Contains(nameof(SocketIOOptions.AllowedOrigins), All.Select(row => row.Data));
        Assert.Contains(nameof(SocketIOOptions.ClientFiles), All.Select(row => row.Data));
    }

    [Fact]
    public void Recovery_is_on_as_soon_as_a_file_of_settings_names_one_of_its_values()
    {
        Assert.NotNull(FromJson("""{"SocketIO":{"ConnectionStateRecovery":{"SkipMiddlewares":true}}}""").ConnectionStateRecovery);
        Assert.Null(FromJson("""{"SocketIO":{"PingInterval":"00:00:10"}}""").ConnectionStateRecovery);

        // To the framework an empty object is nothing, which the option's documentation says.
        Assert.Null(FromJson("""{"SocketIO":{"ConnectionStateRecovery":{}}}""").ConnectionStateRecovery);
    }

    [Fact]
    public async Task A_host_with_a_wrong_option_does_not_start()
    {
        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => WebHost.StartAsync(services => services.AddSocketIO(o => o.PingTimeout = TimeSpan.Zero), _ => { }).Within());

        Assert.Equal("SocketIOOptions: PingTimeout is 00:00:00: it must be between 1 millisecond and 24 days.", fault.Message);
    }

    [Fact]
    public void All_wrong_options_are_named_at_once()
    {
        var services = new ServiceCollection();
        services.AddSocketIO(o =>
        {
            (o.PingTimeout, o.OutboxLimit, o.Transports, o.ConnectTimeout) = (TimeSpan.Zero, 0, EngineTransports.None, TimeSpan.Zero);
            o.HttpCompression!.Threshold = -1;
            o.PerMessageDeflate = new PerMessageDeflateOptions { Threshold = -1, ServerMaxWindowBits = 8 };
        });
        using var provider = services.BuildServiceProvider();

        var fault = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());

        Assert.Equal(
            ["PingTimeout", "OutboxLimit", "Transports", "HttpCompression.Threshold", "PerMessageDeflate.Threshold", "PerMessageDeflate.ServerMaxWindowBits", "ConnectTimeout"],
            fault.Failures.Select(failure => failure.Split(' ')[1]));
    }

    private static SocketIOOptions FromJson(string json)
    {
        var services = new ServiceCollection();
        services.AddSocketIO();
        services.Configure<SocketIOOptions>(new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build().GetSection("SocketIO"));
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<SocketIOOptions>>().Value;
    }

    /// <summary>Values that no option of the type can have.</summary>
    private static IEnumerable<object> Absurd(OptionList.Option option)
    {
        var type = Nullable.GetUnderlyingType(option.Property.PropertyType) ?? option.Property.PropertyType;
        if (type == typeof(int))
            return [-7, int.MinValue];
        if (type == typeof(long))
            return [-7L, long.MinValue];
        if (type == typeof(TimeSpan))
            return [TimeSpan.FromSeconds(-7), TimeSpan.MinValue, TimeSpan.MaxValue];
        return type.IsEnum ? [Enum.ToObject(type, 1 << 20)] : [];
    }
}

using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Holdfast.Server.Tests.Engine;

public class OptionBindingTests
{
    [Fact]
    public void The_defaults_are_those_of_other_servers()
    {
        var options = new EngineIOOptions();

        options.Validate();
        Assert.Null(options.Cookie);
        Assert.Null(options.AllowRequest);
        Assert.Null(options.GenerateId);
        Assert.Null(options.InitialPacket);
        Assert.Equal((1024, CompressionLevel.Fastest), (options.HttpCompression!.Threshold, options.HttpCompression.Level));
        Assert.Null(options.PerMessageDeflate);
        Assert.Equal((1024, 15, false), (new PerMessageDeflateOptions().Threshold, new PerMessageDeflateOptions().ServerMaxWindowBits, new PerMessageDeflateOptions().ServerContextTakeover));
        var cookie = new AffinityCookieBuilder();
        Assert.Equal(("io", "/", true, SameSiteMode.Lax), (cookie.Name, cookie.Path, cookie.HttpOnly, cookie.SameSite));
    }

    [Fact]
    public void What_is_no_code_binds_from_configuration()
    {
        var options = Bind("""
            { "Cookie": { "Name": "node", "HttpOnly": true, "SameSite": "Strict" },
              "HttpCompression": { "Threshold": 5, "Level": "Optimal" },
              "PerMessageDeflate": { "Threshold": 6, "ServerMaxWindowBits": 12, "ServerContextTakeover": true } }
            """);

        Assert.Equal(("node", true, SameSiteMode.Strict), (options.Cookie!.Name, options.Cookie.HttpOnly, options.Cookie.SameSite));
        Assert.Equal((5, CompressionLevel.Optimal), (options.HttpCompression!.Threshold, options.HttpCompression.Level));
        Assert.Equal((6, 12, true), (options.PerMessageDeflate!.Threshold, options.PerMessageDeflate.ServerMaxWindowBits, options.PerMessageDeflate.ServerContextTakeover));
    }

    [Theory]
    [InlineData("""{ "HttpCompression": { "Threshold": -1 } }""", "HttpCompression.Threshold is -1")]
    [InlineData("""{ "PerMessageDeflate": { "ServerMaxWindowBits": 16 } }""", "PerMessageDeflate.ServerMaxWindowBits is 16")]
    public void A_value_out_of_range_fails_at_the_start_with_its_name(string json, string message)
    {
        Assert.Contains(message, Assert.Throws<OptionsValidationException>(() => Bind(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cookie_from_configuration_keeps_the_values_of_other_servers_where_it_says_nothing()
    {
        var cookie = Bind("""{ "Cookie": { "MaxAge": "00:01:00" } }""").Cookie!;

        Assert.Equal(("io", "/", true, SameSiteMode.Lax, TimeSpan.FromMinutes(1)), (cookie.Name, cookie.Path, cookie.HttpOnly, cookie.SameSite, cookie.MaxAge));
    }

    private static SocketIOOptions Bind(string json)
    {
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        var services = new ServiceCollection();
        services.AddSocketIO();
        services.Configure<SocketIOOptions>(configuration);
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<SocketIOOptions>>().Value;
    }
}

using System.Globalization;
using System.Net;

namespace Holdfast.Peers;

/// <summary>What the C# peers share outside of their connections: an address out of PORT, no logging, the line that says that they are ready, an end within three seconds.</summary>
internal static class PeerHost
{
    public static async Task<int> RunAsync(Action<WebApplicationBuilder> configure, Action<WebApplication> map)
    {
        var setting = Environment.GetEnvironmentVariable("PORT");
        if (!ushort.TryParse(setting, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            Console.Error.WriteLine($"PORT is '{setting}'; it has to be a number from 0, for any free port, to 65535.");
            return 2;
        }

        // The settings of whatever folder it is started from are not this program's.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, port));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        configure(builder);
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        Console.WriteLine($"listening on {new Uri(app.Urls.Single()).Port}");
        await app.WaitForShutdownAsync();
        return 0;
    }
}

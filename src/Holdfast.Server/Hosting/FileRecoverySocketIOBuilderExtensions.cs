using Holdfast;
using Holdfast.Hosting;
using Holdfast.Recovery;
using Holdfast.Recovery.Files;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Connection state recovery out of files.</summary>
public static class FileRecoverySocketIOBuilderExtensions
{
    /// <summary>So many segments make a window: the more, the closer its end is to what the options say.</summary>
    private const int Segments = 16;

    private const int LargestSegment = 16 * 1024 * 1024;

    /// <summary>
    /// Keeps what connection state recovery needs in the files of a folder, so that clients come back with all that they missed after the process has ended, however it has, and a new one has been
    /// started. Turns recovery on. Processes of one machine that are given the same folder are one cluster: what one emits reaches the clients of all, and a client may come back to any of them.
    /// </summary>
    /// <param name="builder">What <c>AddSocketIO</c> has returned.</param>
    /// <param name="folder">See <see cref="FileRecoveryOptions.Folder"/>.</param>
    /// <param name="configure">Changes the options. Configuration may be bound to <see cref="FileRecoveryOptions"/> as well.</param>
    /// <exception cref="InvalidOperationException">The server has got a log already.</exception>
    /// <remarks>Linux and macOS. A folder that can't be used fails the start of the host with a <see cref="RecoveryUnavailableException"/> that says why.</remarks>
    public static SocketIOBuilder AddFileRecovery(this SocketIOBuilder builder, string folder, Action<FileRecoveryOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        var services = builder.Services;
        if (services.Any(service => service.ServiceType == typeof(ISharedLog)))
            throw new InvalidOperationException("AddFileRecovery was called twice: a host has one Socket.IO server, and that has one log.");
        services.PostConfigure<SocketIOOptions>(static options => options.ConnectionStateRecovery ??= new());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<FileRecoveryOptions>, FileRecoveryOptionsValidator>());
        services.AddOptions<FileRecoveryOptions>()
            .Configure(options =>
            {
                options.Folder = folder;
                configure?.Invoke(options);
            })
            .ValidateOnStart();
        services.AddSingleton<ISharedLog>(static provider => new FileLog(OptionsOf(provider)));
        return builder;
    }

    private static FileLogOptions OptionsOf(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<FileRecoveryOptions>>().Value;
        var server = provider.GetRequiredService<IOptions<SocketIOOptions>>().Value;
        var host = provider.GetService<IHostEnvironment>();
        var machine = provider.GetService<SimulatedMachine>();
        return new FileLogOptions
        {
            Folder = Path.GetFullPath(options.Folder, host?.ContentRootPath ?? Environment.CurrentDirectory),
            ApplicationName = () => NameOf(options, host, provider.GetRequiredService<SocketIOServer>()),
            Sync = options.Sync,
            SyncInterval = options.SyncInterval,
            Window = options.Window ?? FileRecoveryOptions.ShortestWindow(server),
            MaxBytes = options.MaxBytes,
            SegmentSize = (int)Math.Min(options.MaxBytes / Segments, LargestSegment),
            MaxMemoryBytes = options.MaxMemoryBytes,
            AppendQueueLimit = options.MaxPendingBytes,
            Needed = server.ConnectionStateRecovery!.MaxDisconnectionDuration,
            Time = provider.GetRequiredService<TimeProvider>(),
            BootId = machine?.BootId,
            Witness = machine?.Witness,
            Append = machine?.Append ?? Libc.Append,
            Logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger("Holdfast.Recovery"),
        };
    }

    /// <summary>Who can't read what the others write must not come to them: that takes the same parser.</summary>
    private static string NameOf(FileRecoveryOptions options, IHostEnvironment? host, SocketIOServer server) =>
        $"{options.ApplicationName ?? host?.ApplicationName + server.MountPath} with {server.Parser.GetType().Name}";
}

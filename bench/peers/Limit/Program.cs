// The bare limit of Kestrel: the connection is upgraded and its frames are written by hand, and nothing that a protocol or a library would do is done.
//     PORT=3305 [INLINE=1] [WIRE=transport|stream] [FLUSH=pool|here] dotnet run -c Release --project bench/peers/Limit

using Holdfast.Peers;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

return await PeerHost.RunAsync(
    builder => builder.Services.Configure<SocketTransportOptions>(
        options => options.UnsafePreferInlineScheduling = Environment.GetEnvironmentVariable("INLINE") == "1"),
    app =>
    {
        var server = new LimitServer();
        app.Run(context => Upgrade.RunAsync(context, server));
    });

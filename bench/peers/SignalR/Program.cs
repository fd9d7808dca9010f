// SignalR with its default JSON protocol, on WebSockets alone.
//     PORT=3303 dotnet run -c Release --project bench/peers/SignalR

using Holdfast.Peers;
using Microsoft.AspNetCore.Http.Connections;

return await PeerHost.RunAsync(
    builder => builder.Services.AddSignalR(),
    app => app.MapHub<BenchHub>("/hub", options => options.Transports = HttpTransportType.WebSockets));

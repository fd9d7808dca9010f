// Kestrel and System.Net.WebSockets with the bytes of Socket.IO written by hand: what a library on top of them has to be measured against.
//     PORT=3304 dotnet run -c Release --project bench/peers/Kestrel

using Holdfast.Peers;

return await PeerHost.RunAsync(
    _ => { },
    app =>
    {
        var server = new PeerServer();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        app.Run(async context =>
        {
            if (!context.WebSockets.IsWebSocketRequest)
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await new PeerConnection(server, socket).RunAsync(context.RequestAborted);
        });
    });

using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Tests.Hosting;

/// <summary>Both transports over the servers and HTTP versions that an application may run on; HTTP/1.1 in the clear is what all other tests use.</summary>
public class ServerKindTests
{
    [Fact]
    public async Task An_application_tests_itself_in_memory()
    {
        using var folder = new ClientFolder();
        var log = new StrictLog();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSocketIO(o => o.ClientFiles = folder.Path);
        await using var app = builder.Build();
        app.MapSocketIO(Conversation.Serve);
        await app.StartAsync().Within();
        var server = app.GetTestServer();
        using var http = server.CreateClient();

        await Conversation.OverPollingAsync(http, "/socket.io/");
        using (var socket = await server.CreateWebSocketClient().ConnectAsync(Conversation.WebSocketAddress(server.BaseAddress, "/socket.io/"), default).Within())
            await Conversation.OverWebSocketAsync(socket);
        Assert.Equal(ClientFolder.ContentOf("socket.io.js"), await http.GetStringAsync("/socket.io/socket.io.js").Within());

        await app.StopAsync().Within();
        Assert.Empty(log.Complaints);
    }

    [Fact]
    public async Task HTTP_2_in_the_clear_carries_both_transports()
    {
        await using var host = await WebHost.StartAsync(
            services => services.AddSocketIO(),
            app => app.MapSocketIO(Conversation.Serve),
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        using var handler = new SocketsHttpHandler();

        await TalkAsync(host, handler);
    }

    [Fact]
    public async Task HTTP_2_over_TLS_carries_both_transports_and_HTTP_1_beside_it()
    {
        using var certificate = CreateCertificate();
        await using var host = await WebHost.StartAsync(
            services => services.AddSocketIO(),
            app => app.MapSocketIO(Conversation.Serve),
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == certificate.GetCertHashString();

        await TalkAsync(host, handler);
        using var http1 = new HttpClient(handler, disposeHandler: false) { BaseAddress = new Uri(host.Address) };
        await Conversation.OverPollingAsync(http1, "/socket.io/");
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(Conversation.WebSocketAddress(http1.BaseAddress, "/socket.io/"), new HttpMessageInvoker(handler, disposeHandler: false), default).Within();
        await Conversation.OverWebSocketAsync(socket);
    }

    /// <summary>One HTTP/2 connection that polls, and opens a WebSocket by CONNECT (RFC 8441).</summary>
    private static async Task TalkAsync(WebHost host, SocketsHttpHandler handler)
    {
        using var http = new HttpClient(handler, disposeHandler: false)
        {
            BaseAddress = new Uri(host.Address),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        await Conversation.OverPollingAsync(http, "/socket.io/");

        var upgraded = new TaskCompletionSource<string>();
        host.Io.OnConnection(socket => upgraded.TrySetResult(socket.Transport));
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = HttpVersion.Version20;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.CollectHttpResponseDetails = true;
        await socket.ConnectAsync(Conversation.WebSocketAddress(http.BaseAddress, "/socket.io/"), http, default).Within();
        Assert.Equal(HttpStatusCode.OK, socket.HttpStatusCode); // over HTTP/1.1 it is 101
        await Conversation.OverWebSocketAsync(socket);
        Assert.Equal("websocket", await upgraded.Task.Within());
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}

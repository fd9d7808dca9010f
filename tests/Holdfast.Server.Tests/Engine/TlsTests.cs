using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Tests.Engine;

/// <summary>TLS and client certificates are the web server's; the engine passes on what they say: an application turns the certificate into a user.</summary>
public class TlsTests
{
    private static readonly Authority Ours = new("ours");

    public enum Storage
    {
        Pem,
        Pfx,
    }

    [Theory]
    [InlineData("polling", Storage.Pem)]
    [InlineData("polling", Storage.Pfx)]
    [InlineData("websocket", Storage.Pem)]
    [InlineData("websocket", Storage.Pfx)]
    public async Task A_client_with_a_certificate_that_the_server_knows_gets_in_and_is_known_by_it(string transport, Storage storage)
    {
        using var certificate = Store(Ours.Issue("ann"), storage);
        await using var server = await TlsServer.StartAsync(ClientCertificateMode.RequireCertificate);

        Assert.Equal("4hello ann", await server.GreetAsync(transport, certificate));
    }

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task A_client_that_is_asked_for_no_certificate_gets_in_as_nobody(string transport)
    {
        await using var server = await TlsServer.StartAsync(ClientCertificateMode.NoCertificate);

        Assert.Equal("4hello nobody", await server.GreetAsync(transport, certificate: null));
    }

    [Theory]
    [InlineData("polling", true)]
    [InlineData("polling", false)]
    [InlineData("websocket", true)]
    [InlineData("websocket", false)]
    public async Task A_client_without_a_certificate_that_the_server_knows_stays_outside(string transport, bool hasOne)
    {
        using var certificate = hasOne ? Store(new Authority("theirs").Issue("ann"), Storage.Pfx) : null;
        await using var server = await TlsServer.StartAsync(ClientCertificateMode.RequireCertificate);

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => server.GreetAsync(transport, certificate));

        Assert.True(refused is HttpRequestException or WebSocketException or AuthenticationException or IOException, refused.ToString());
        Assert.Equal(0, server.Connections);
    }

    /// <summary>The ways in which people keep their certificates.</summary>
    private static X509Certificate2 Store(X509Certificate2 certificate, Storage storage)
    {
        using (certificate)
        {
            return storage == Storage.Pfx
                ? X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx, "secret"), "secret")
                : X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        }
    }

    private sealed class TlsServer(WebApplication app) : IAsyncDisposable
    {
        private int _connections;

        public int Connections => Volatile.Read(ref _connections);

        public static async Task<TlsServer> StartAsync(ClientCertificateMode mode)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
            {
                https.ServerCertificate = Store(Ours.Issue("localhost"), Storage.Pfx);
                https.ClientCertificateMode = mode;
                https.ClientCertificateValidation = (certificate, _, _) => Ours.HasIssued(certificate);
            })));
            builder.Logging.ClearProviders();
            var app = builder.Build();
            var server = new TlsServer(app);
            app.Use((context, next) =>
            {
                if (context.Connection.ClientCertificate is { } certificate)
                {
                    context.User = new([new([new("name", certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false))], "certificate", "name", null)]);
                }

                return next(context);
            });
            app.MapEngineIO("/engine.io", engine => engine.OnConnection(socket =>
            {
                Assert.True(socket.Handshake.Secure);
                Interlocked.Increment(ref server._connections);
                socket.OnMessage(message => socket.SendAsync($"{message.Text} {socket.Handshake.User.Identity?.Name ?? "nobody"}"));
            }));
            await app.StartAsync();
            return server;
        }

        /// <summary>Says hello and gives back the answer.</summary>
        public async Task<string> GreetAsync(string transport, X509Certificate2? certificate)
        {
            var address = $"https://localhost:{new Uri(app.Urls.Single()).Port}/engine.io/";
            return await (transport == "polling" ? GreetByPollingAsync(address, certificate) : GreetByWebSocketAsync(address.Replace("https", "wss"), certificate));
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private static async Task<string> GreetByPollingAsync(string address, X509Certificate2? certificate)
        {
            using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = IsOurs } };
            if (certificate is not null)
            {
                handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
            }

            using var http = new HttpClient(handler);
            var id = EngineHost.SessionIdOf(await http.GetStringAsync(address + EngineHost.PollingQuery).Within());
            address += $"{EngineHost.PollingQuery}&sid={id}";
            using var posted = await http.PostAsync(address, new StringContent("4hello")).Within();
            return await http.GetStringAsync(address).Within();
        }

        private static async Task<string> GreetByWebSocketAsync(string address, X509Certificate2? certificate)
        {
            using var socket = new ClientWebSocket();
            socket.Options.RemoteCertificateValidationCallback = IsOurs;
            if (certificate is not null)
            {
                socket.Options.ClientCertificates.Add(certificate);
            }

            await socket.ConnectAsync(new Uri(address + EngineHost.WebSocketQuery), CancellationToken.None).Within();
            Assert.StartsWith("0{", await socket.ReadTextAsync(), StringComparison.Ordinal);
            await socket.SendTextAsync("4hello");
            return await socket.ReadTextAsync();
        }

        private static bool IsOurs(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
            certificate is X509Certificate2 shown && Ours.HasIssued(shown);
    }

    /// <summary>Whoever issues certificates; its own is known to those who trust it, and to nobody else on this machine.</summary>
    private sealed class Authority
    {
        private static readonly DateTimeOffset From = TimeProvider.System.GetUtcNow().AddDays(-1);
        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        private readonly X509Certificate2 _certificate;
        private long _serial;

        public Authority(string name)
        {
            var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
            _certificate = request.CreateSelfSigned(From, From.AddDays(10));
        }

        public X509Certificate2 Issue(string name)
        {
            var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
            using var certificate = request.Create(_certificate, From, From.AddDays(9), BitConverter.GetBytes(Interlocked.Increment(ref _serial)));
            return certificate.CopyWithPrivateKey(key);
        }

        public bool HasIssued(X509Certificate2 certificate)
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.CustomTrustStore.Add(_certificate);
            return chain.Build(certificate);
        }
    }
}

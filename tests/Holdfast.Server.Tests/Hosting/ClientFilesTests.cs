using System.IO.Compression;
using System.Text;
using Holdfast.Hosting;
using Holdfast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Server.Tests.Hosting;

/// <summary>The browser bundles, as pages and caches see them.</summary>
public sealed class ClientFilesTests : IDisposable
{
    private const string Unknown = """{"code":0,"message":"Transport unknown"}""";

    private readonly ClientFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("socket.io.js")]
    [InlineData("socket.io.js?buster=1")]
    [InlineData("socket.io.js.map")]
    [InlineData("socket.io.min.js")]
    [InlineData("socket.io.min.js.map")]
    [InlineData("socket.io.esm.min.js")]
    [InlineData("socket.io.esm.min.js.map")]
    [InlineData("socket.io.msgpack.min.js")]
    [InlineData("socket.io.msgpack.min.js.map")]
    public async Task A_bundle_is_served_to_pages(string file)
    {
        await using var host = await StartAsync();

        var (answer, body) = await host.GetAsync($"/socket.io/{file}");

        var name = file.Split('?')[0];
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal(ClientFolder.ContentOf(name), Encoding.UTF8.GetString(body));
        Assert.Equal(body.Length, answer.Content.Headers.ContentLength);
        Assert.Equal(name.EndsWith(".map", StringComparison.Ordinal) ? "application/json; charset=utf-8" : "application/javascript; charset=utf-8", Header(answer, "Content-Type"));
        Assert.Equal("public, max-age=0", Header(answer, "Cache-Control"));
        Assert.Matches("^\"[0-9a-f]{32}\"$", Header(answer, "ETag"));
        Assert.Equal("Accept-Encoding", Header(answer, "Vary"));
        Assert.Equal("", Header(answer, "Content-Encoding"));
        Assert.Equal("", Header(answer, "X-SourceMap"));
    }

    [Fact]
    public async Task Only_the_eight_bundles_are_served_and_other_names_are_the_engines()
    {
        await using var host = await StartAsync();

        foreach (var path in (string[])["secret.txt", "socket.io.jsx", "SOCKET.IO.JS", "socket.io", "socket.io.esm.js", "socket.io.js/", "x/socket.io.js", "socket.io.js.map.map", ""])
        {
            var (answer, body) = await host.GetAsync($"/socket.io/{path}");
            Assert.Equal((path, 400, Unknown), (path, (int)answer.StatusCode, Encoding.UTF8.GetString(body)));
        }
        var (posted, _) = await host.SendAsync(HttpMethod.Post, "/socket.io/socket.io.js");
        Assert.Equal(400, (int)posted.StatusCode);
    }

    [Fact]
    public async Task No_encoding_of_a_name_leaves_the_folder()
    {
        await using var host = await StartAsync();
        var above = Path.GetFileName(_folder.Path);

        foreach (var path in (string[])["..%2Fsecret.txt", "%2e%2e/secret.txt", "%2e%2e%2fsecret.txt", "..%5Csecret.txt", "secret.txt%00socket.io.js", $"..%2F{above}%2Fsocket.io.js", $"x/..%2Fsocket.io.js", "/socket.io.js", "%2Fsocket.io.js"])
        {
            using var raw = await Engine.RawConnection.OpenAsync(new Uri(host.Address));
            await raw.SendAsync($"GET /socket.io/{path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            var head = await raw.ReadHeadAsync();
            Assert.Matches("^HTTP/1.1 (400|404) ", head);
        }
    }

    [Theory]
    [InlineData("gzip,br,deflate", "gzip")]
    [InlineData("br", "br")]
    [InlineData("deflate", "deflate")]
    [InlineData("gzip;q=0.5, br;q=0.9", "br")]
    [InlineData("gzip;q=0, *", "br")]
    [InlineData("identity, gzip;q=0.5", "")]
    [InlineData("zstd", "")]
    public async Task A_bundle_is_compressed_as_the_client_wishes(string accepted, string coding)
    {
        await using var host = await StartAsync();
        var (plain, _) = await host.GetAsync("/socket.io/socket.io.js");

        var (answer, body) = await host.GetAsync("/socket.io/socket.io.js", ("Accept-Encoding", accepted));

        Assert.Equal(coding, Header(answer, "Content-Encoding"));
        Assert.Equal("Accept-Encoding", Header(answer, "Vary"));
        Assert.Equal("application/javascript; charset=utf-8", Header(answer, "Content-Type"));
        Assert.Equal(body.Length, answer.Content.Headers.ContentLength);
        Assert.Equal(ClientFolder.ContentOf("socket.io.js"), Encoding.UTF8.GetString(Decompress(body, coding)));
        var suffix = coding.Length == 0 ? "" : "-" + coding;
        Assert.Equal(Header(plain, "ETag").TrimEnd('"') + suffix + '"', Header(answer, "ETag"));
        Assert.Equal(coding.Length > 0, body.Length < 1000);
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("W/{0}")]
    [InlineData("\"another\", W/{0}")]
    [InlineData("*")]
    public async Task A_page_that_has_the_bundle_hears_that_it_is_still_good(string known)
    {
        await using var host = await StartAsync();
        foreach (var accepted in (string[])["identity", "br"])
        {
            var (first, _) = await host.GetAsync("/socket.io/socket.io.min.js", ("Accept-Encoding", accepted));

            var (answer, body) = await host.GetAsync(
                "/socket.io/socket.io.min.js", ("Accept-Encoding", accepted), ("If-None-Match", known.Replace("{0}", Header(first, "ETag"), StringComparison.Ordinal)));

            Assert.Equal(304, (int)answer.StatusCode);
            Assert.Empty(body);
            Assert.Equal(Header(first, "ETag"), Header(answer, "ETag"));
            Assert.Equal("public, max-age=0", Header(answer, "Cache-Control"));
            Assert.Equal("Accept-Encoding", Header(answer, "Vary"));
            Assert.Equal("", Header(answer, "Content-Type") + Header(answer, "Content-Encoding"));
        }
    }

    [Fact]
    public async Task A_page_that_has_another_version_gets_this_one()
    {
        await using var host = await StartAsync();

        foreach (var known in (string[])["\"4.8.4\"", "W/\"4.8.4\"", "no tag at all", ""])
        {
            var (answer, body) = await host.GetAsync("/socket.io/socket.io.js", ("If-None-Match", known));
            Assert.Equal((known, 200), (known, (int)answer.StatusCode));
            Assert.NotEmpty(body);
        }
    }

    [Fact]
    public async Task HEAD_says_what_GET_would_without_the_body()
    {
        await using var host = await StartAsync();
        var (get, bytes) = await host.GetAsync("/socket.io/socket.io.js", ("Accept-Encoding", "gzip"));

        var (head, body) = await host.SendAsync(HttpMethod.Head, "/socket.io/socket.io.js", ("Accept-Encoding", "gzip"));

        Assert.Equal(200, (int)head.StatusCode);
        Assert.Empty(body);
        Assert.Equal(bytes.Length, head.Content.Headers.ContentLength);
        foreach (var name in (string[])["ETag", "Content-Type", "Content-Encoding", "Cache-Control", "Vary"])
            Assert.Equal(Header(get, name), Header(head, name));
    }

    [Fact]
    public async Task The_endpoints_CORS_policy_holds_for_the_bundles()
    {
        await using var host = await WebHost.StartAsync(
            services =>
            {
                services.AddCors();
                services.AddSocketIO(o => o.ClientFiles = _folder.Path);
            },
            app =>
            {
                app.UseCors();
                app.MapSocketIO(_ => { }).RequireCors(policy => policy.WithOrigins("https://app.example.com", "https://other.example.com"));
            });

        var (answer, _) = await host.GetAsync("/socket.io/socket.io.js", ("Origin", "https://app.example.com"));
        var (cached, _) = await host.GetAsync("/socket.io/socket.io.js", ("Origin", "https://app.example.com"), ("If-None-Match", Header(answer, "ETag")));
        var (foreign, _) = await host.GetAsync("/socket.io/socket.io.js", ("Origin", "https://evil.example.com"));

        Assert.Equal((200, "https://app.example.com"), ((int)answer.StatusCode, Header(answer, "Access-Control-Allow-Origin")));
        Assert.Equal((304, "https://app.example.com"), ((int)cached.StatusCode, Header(cached, "Access-Control-Allow-Origin")));
        Assert.Equal("", Header(foreign, "Access-Control-Allow-Origin"));
        Assert.Equal(["Accept-Encoding", "Origin"], answer.Headers.Vary.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_bundle_that_is_replaced_is_served_anew_and_one_that_is_gone_no_more()
    {
        await using var host = await StartAsync();
        var (before, _) = await host.GetAsync("/socket.io/socket.io.js", ("Accept-Encoding", "br"));

        _folder.Write("socket.io.js", "/* the next version */");
        var (after, body) = await host.GetAsync("/socket.io/socket.io.js", ("Accept-Encoding", "br"));
        _folder.Delete("socket.io.js");
        var (gone, _) = await host.GetAsync("/socket.io/socket.io.js");

        Assert.Equal("/* the next version */", Encoding.UTF8.GetString(Decompress(body, "br")));
        Assert.NotEqual(Header(before, "ETag"), Header(after, "ETag"));
        Assert.Equal(400, (int)gone.StatusCode);
    }

    [Fact]
    public async Task A_bundle_is_read_and_compressed_once_for_all_who_ask()
    {
        var version = new ClientFileVersion(new FileInfo(Path.Combine(_folder.Path, "socket.io.js")));

        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => version.InAsync("br")))).Within();

        Assert.Single(all.Distinct());
        Assert.Same(await version.InAsync(null), await version.InAsync(null));
    }

    [Fact]
    public async Task A_bundle_that_could_not_be_read_is_tried_again()
    {
        var file = new FileInfo(Path.Combine(_folder.Path, "socket.io.js"));
        var version = new ClientFileVersion(file);
        _folder.Delete("socket.io.js");
        await Assert.ThrowsAsync<FileNotFoundException>(() => version.InAsync("gzip").Within());

        _folder.Write("socket.io.js", "back");

        Assert.Equal("back", Encoding.UTF8.GetString(Decompress((await version.InAsync("gzip").Within()).Bytes, "gzip")));
    }

    [Fact]
    public async Task Two_hosts_with_the_same_bundle_agree_on_its_tag()
    {
        using var copy = new ClientFolder();
        File.SetLastWriteTimeUtc(Path.Combine(copy.Path, "socket.io.js"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await using var one = await StartAsync();
        await using var two = await WebHost.StartAsync(o => o.ClientFiles = copy.Path);

        Assert.Equal(Header((await one.GetAsync("/socket.io/socket.io.js")).Answer, "ETag"), Header((await two.GetAsync("/socket.io/socket.io.js")).Answer, "ETag"));
    }

    [Fact]
    public async Task A_server_without_client_files_refuses_their_names()
    {
        await using var host = await WebHost.StartAsync(_ => { });

        var (answer, body) = await host.GetAsync("/socket.io/socket.io.js");

        Assert.Equal((400, Unknown), ((int)answer.StatusCode, Encoding.UTF8.GetString(body)));
    }

    [Fact]
    public async Task Another_path_is_not_found()
    {
        await using var host = await StartAsync();

        foreach (var path in (string[])["/socket.io.js", "/socket.iosocket.io.js", "/engine.io/socket.io.js", "/socketxio/socket.io.js"])
            Assert.Equal((path, 404), (path, (int)(await host.GetAsync(path)).Answer.StatusCode));
    }

    [Fact]
    public async Task A_relative_folder_begins_at_the_content_root()
    {
        await using var host = await WebHost.StartAsync(
            services => services.AddSocketIO(o => o.ClientFiles = Path.GetFileName(_folder.Path)),
            app => app.MapSocketIO("/ws", _ => { }),
            contentRoot: Path.GetDirectoryName(_folder.Path));

        Assert.Equal(200, (int)(await host.GetAsync("/ws/socket.io.js")).Answer.StatusCode);
    }

    [Fact]
    public async Task A_folder_that_is_missing_or_empty_fails_the_start_and_says_what_to_do()
    {
        var missing = await Assert.ThrowsAsync<DirectoryNotFoundException>(() => WebHost.StartAsync(o => o.ClientFiles = Path.Combine(_folder.Path, "nowhere")).Within());
        Assert.Contains("nowhere, which does not exist. Restore the npm package socket.io-client and name its dist folder.", missing.Message, StringComparison.Ordinal);

        foreach (var name in ClientFolder.Names)
            _folder.Delete(name);
        var empty = await Assert.ThrowsAsync<FileNotFoundException>(() => StartAsync().Within());
        Assert.Contains("Name the dist folder of the npm package socket.io-client.", empty.Message, StringComparison.Ordinal);
    }

    private Task<WebHost> StartAsync() => WebHost.StartAsync(o => o.ClientFiles = _folder.Path);

    private static string Header(HttpResponseMessage answer, string name) =>
        answer.Headers.NonValidated.TryGetValues(name, out var values) || answer.Content.Headers.NonValidated.TryGetValues(name, out values) ? values.ToString() : "";

    private static byte[] Decompress(byte[] body, string coding)
    {
        using var compressed = new MemoryStream(body);
        using Stream plain = coding switch
        {
            "br" => new BrotliStream(compressed, CompressionMode.Decompress),
            "gzip" => new GZipStream(compressed, CompressionMode.Decompress),
            "deflate" => new ZLibStream(compressed, CompressionMode.Decompress),
            _ => compressed,
        };
        using var all = new MemoryStream();
        plain.CopyTo(all);
        return all.ToArray();
    }
}

using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Holdfast.Testing;

/// <summary>One client of an <see cref="OfflineServer"/> on long-polling: its requests are made before they are handled, with what the HTTP server would have made for each.</summary>
internal sealed class OfflinePoller(OfflineServer server) : IDisposable
{
    private readonly MemoryStream _body = new();
    private string _query = "?EIO=4&transport=polling";
    private string _id = "";

    public ServerSocket Socket => server.Io.Sockets.FindSocket(_id)!;

    public void Connect()
    {
        _query += "&sid=" + Json(Ask(NewPoll())[1..]).GetProperty("sid").GetString();
        Ask(NewPost("40"u8.ToArray()));
        _id = Json(Ask(NewPoll())[2..]).GetProperty("sid").GetString()!;
    }

    public HttpContext NewPoll() => NewRequest("GET", []);

    public HttpContext NewPost(byte[] body) => NewRequest("POST", body);

    /// <summary>Handles a request that is answered at once.</summary>
    public void Handle(HttpContext request)
    {
        var handled = server.Engine.HandleAsync(request);
        if (!handled.IsCompletedSuccessfully || request.Response.StatusCode != StatusCodes.Status200OK)
            throw new InvalidOperationException($"The request was not handled at once and well: {request.Response.StatusCode}.");
    }

    public void Dispose() => _body.Dispose();

    private string Ask(HttpContext request)
    {
        Handle(request);
        return Encoding.UTF8.GetString(_body.ToArray());
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private DefaultHttpContext NewRequest(string method, byte[] body)
    {
        _body.SetLength(0);
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseBodyFeature>(new Answer(_body));
        context.Features.Set<IRequestBodyPipeFeature>(new Question(body));
        context.Request.Method = method;
        context.Request.QueryString = new QueryString(_query);
        context.Request.ContentType = "text/plain;charset=UTF-8";
        context.Request.ContentLength = body.Length;
        // What is made of these when they are first asked for is the HTTP server's part.
        _ = (context.Request.Query.Count, context.WebSockets.IsWebSocketRequest, context.Request.Headers.Origin, context.Response.Headers.CacheControl, context.RequestAborted, context.User);
        return context;
    }

    private sealed class Answer(MemoryStream body) : IHttpResponseBodyFeature
    {
        public Stream Stream => body;

        public PipeWriter Writer { get; } = PipeWriter.Create(body, new StreamPipeWriterOptions(leaveOpen: true));

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task CompleteAsync() => Task.CompletedTask;

        public void DisableBuffering()
        {
        }
    }

    private sealed class Question(byte[] body) : IRequestBodyPipeFeature
    {
        public PipeReader Reader { get; } = PipeReader.Create(new System.Buffers.ReadOnlySequence<byte>(body));
    }
}

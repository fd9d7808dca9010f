using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Holdfast.Engine;

/// <summary>
/// Messages by WebSocket frames of our own, read from and written into the pipe of the connection that Kestrel has upgraded: no copy, no buffer and no task between a message and the
/// socket, and many messages in one write. RFC 6455 for servers, without extensions. .Read takes frames apart, .Write puts them together.
/// Whatever breaks the protocol is a <see cref="WebSocketFault"/>, which the transport answers with the close frame that belongs to it.
/// </summary>
/// <remarks>
/// Kestrel neither reads nor writes while the request that was upgraded runs, and the end of that request is the end of the connection. It may cancel a pending read
/// when it stops, which says that no further request is wanted, and nothing to us.
/// </remarks>
internal sealed partial class FrameChannel(IHttpRequestLifetimeFeature lifetime, IDuplexPipe connection, int maxMessage) : WebSocketChannel
{
    private readonly PipeReader _input = connection.Input;
    private readonly PipeWriter _output = connection.Output;

    public override void Abort() => lifetime.Abort();

    public override void Dispose()
    {
        EndRead();
        ReturnAssembly();
    }
}

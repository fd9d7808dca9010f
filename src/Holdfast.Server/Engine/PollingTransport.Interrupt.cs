using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Engine;

/// <summary>
/// A POST whose body is still arriving when its session ends. Nobody will handle it, so nobody waits for the rest: it is answered, as one that had arrived in time would have been, and the client
/// hears of the end on its poll.
/// </summary>
internal sealed partial class PollingTransport
{
    private PipeReader? _reading;
    private bool _interrupted;

    /// <summary>A POST waits for more of its body.</summary>
    internal bool IsReading => _reading is not null;

    // Most bodies are there at once, and cost nothing here.
    private ValueTask<ReadResult> ReadPartAsync(PipeReader reader, HttpContext context) =>
        reader.TryRead(out var part) ? new(part) : WaitForPartAsync(reader, context);

    private async ValueTask<ReadResult> WaitForPartAsync(PipeReader reader, HttpContext context)
    {
        lock (Session.Gate)
        {
            _interrupted = Session.State == SessionState.Closed;
            _reading = reader;
        }

        try
        {
            if (!_interrupted)
            {
                var part = await reader.ReadAsync(context.RequestAborted);
                if (!part.IsCanceled)
                {
                    return part;
                }

                // Leaves the reader in order: the HTTP server reads past the rest.
                reader.AdvanceTo(part.Buffer.Start, part.Buffer.End);
                _interrupted = true;
            }

            throw new OperationCanceledException();
        }
        finally
        {
            // From here the reader belongs to the next request of its connection, which must not be disturbed.
            lock (Session.Gate)
            {
                _reading = null;
            }
        }
    }

    /// <summary>Under the gate, so on another thread: the one who reads may go on right there.</summary>
    private void InterruptPost()
    {
        if (_reading is not null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static transport => transport.CancelRead(), this, preferLocal: false);
        }
    }

    private void CancelRead()
    {
        lock (Session.Gate)
        {
            _reading?.CancelPendingRead();
        }
    }
}

using System.Buffers;
using System.IO.Pipelines;

namespace Holdfast.Peers;

/// <summary>
/// The way out. Frames go straight into the connection's pipe; while a flush waits for the client to read they are kept aside, up to a bound.
/// </summary>
internal sealed partial class LimitConnection : IThreadPoolWorkItem
{
    private const int MaxAside = 4 * 1024 * 1024;

    private readonly Lock _gate = new();
    private ArrayBufferWriter<byte>? _aside; // not null: a flush is under way
    private bool _isTouched;
    private bool _isGone;

    void IThreadPoolWorkItem.Execute() => Flush();

    /// <summary>Whoever touches a connection that nobody has touched since its last flush flushes it.</summary>
    private void Write(ReadOnlySpan<byte> frame, List<LimitConnection> touched)
    {
        lock (_gate)
        {
            if (_isGone)
                return;
            if (_aside is not null)
            {
                _aside.Write(frame);
                if (_aside.WrittenCount > MaxAside)
                {
                    _isGone = true;
                    abort();
                }

                return;
            }

            try
            {
                output.Write(frame);
            }
            catch (InvalidOperationException)
            {
                _isGone = true; // Kestrel has ended the connection
            }

            if (_isTouched || _isGone)
                return;
            _isTouched = true;
        }

        touched.Add(this);
    }

    private void Flush()
    {
        ValueTask<FlushResult> flush;
        lock (_gate)
        {
            _isTouched = false;
            if (_isGone || _aside is not null)
                return;
            flush = output.FlushAsync();
            if (flush.IsCompletedSuccessfully)
            {
                _isGone |= flush.Result.IsCompleted;
                return;
            }

            _aside = new();
        }

        _ = FlushRestAsync(flush);
    }

    private async Task FlushRestAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            while (true)
            {
                var isCompleted = (await flush).IsCompleted;
                lock (_gate)
                {
                    _isGone |= isCompleted;
                    var aside = _aside!;
                    if (_isGone || aside.WrittenCount == 0)
                    {
                        _aside = null;
                        return;
                    }

                    output.Write(aside.WrittenSpan);
                    aside.ResetWrittenCount();
                    flush = output.FlushAsync();
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            End();
            abort();
        }
    }

    private void End()
    {
        lock (_gate)
            _isGone = true;
    }
}

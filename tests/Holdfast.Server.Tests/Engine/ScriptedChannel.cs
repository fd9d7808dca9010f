using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using Holdfast.Engine;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

/// <summary>A WebSocket whose messages come as a test has them come, and that notes what is done to it.</summary>
internal sealed class ScriptedChannel : WebSocketChannel
{
    private readonly Channel<string[]> _arriving = Channel.CreateUnbounded<string[]>(new() { AllowSynchronousContinuations = true });
    private readonly Queue<string> _arrived = new();
    private readonly List<string> _notes = [];
    private volatile TaskCompletionSource? _held;
    private int _writers;
    private bool _hasEnded;

    /// <summary>Whether two have written at the same time.</summary>
    public bool Overlapped { get; private set; }

    public bool HasPing { get; set; }

    /// <summary>Runs on the thread of whoever flushes, before anything else happens.</summary>
    public Action? Flushing { get; set; }

    public override bool HasAnswer => HasPing;

    /// <summary>Writes as they are, <c>flush</c>, <c>close CODE</c>, <c>abort</c>.</summary>
    public string[] Notes
    {
        get
        {
            lock (_notes)
            {
                return [.. _notes];
            }
        }
    }

    /// <summary>These come together.</summary>
    public void Send(params string[] messages) => _arriving.Writer.TryWrite(messages);

    public void End() => _arriving.Writer.TryComplete();

    public Task NotedAsync(string note) => Waiting.Until(() => Notes.Contains(note));

    public void HoldFlushes() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void LetFlushesGo()
    {
        var held = _held!;
        _held = null;
        held.SetResult();
    }

    public override async ValueTask<ReadResult> WaitAsync()
    {
        if (!await _arriving.Reader.WaitToReadAsync())
        {
            _hasEnded = true;
            return default;
        }

        while (_arriving.Reader.TryRead(out var messages))
        {
            Array.ForEach(messages, _arrived.Enqueue);
        }

        return default;
    }

    public override bool Begin(ReadResult arrived) => !_hasEnded;

    public override bool TryRead(out byte[] message, out bool isBinary)
    {
        var has = _arrived.TryDequeue(out var text);
        message = Encoding.UTF8.GetBytes(text ?? "");
        isBinary = false;
        return has;
    }

    public override async ValueTask SkipToCloseAsync()
    {
        while (Begin(await WaitAsync()))
        {
            _arrived.Clear();
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> message, bool isBinary, bool compress) => new(WriteAsync(Encoding.UTF8.GetString(message.Span), waits: false));

    public override ValueTask FlushAsync()
    {
        Flushing?.Invoke();
        HasPing = false;
        return new(WriteAsync("flush", waits: true));
    }

    public override ValueTask CloseOutputAsync(WebSocketCloseStatus status) => new(WriteAsync($"close {(int)status}", waits: true));

    public override void Abort()
    {
        Note("abort");
        End();
    }

    public override void Dispose() => Note("disposed");

    private async Task WriteAsync(string note, bool waits)
    {
        Overlapped |= Interlocked.Increment(ref _writers) > 1;
        Note(note);
        if (waits && _held is { } held)
        {
            await held.Task.Within();
        }

        Interlocked.Decrement(ref _writers);
    }

    private void Note(string note)
    {
        lock (_notes)
        {
            _notes.Add(note);
        }
    }
}

using System.Diagnostics.CodeAnalysis;

namespace Holdfast.Protocol;

/// <summary>
/// The handlers of one session, in order and one at a time. Work that comes while nothing runs is run by its caller, at once and without a task; what comes while something runs stands in
/// line, and whoever finishes goes on with it. The line is bounded in bytes: over the bound the caller is asked to wait, and reading from that peer with it. While nothing waits there is no line.
/// </summary>
internal sealed class HandlerQueue(int limit)
{
    /// <summary>What a waiting event weighs beside its own bytes, so that a flood of empty ones is bounded too.</summary>
    private const int Overhead = 128;

    private readonly object _gate = new();
    private Work? _first;
    private Work? _last;
    private TaskCompletionSource<bool>? _room;
    private int _bytes;
    private bool _running;

    /// <summary>Runs an event's handlers when their turn has come. Not finished: the line is full; the task ends when there is room again.</summary>
    public ValueTask PostAsync(EventSocket socket, in Packet packet, int size)
    {
        lock (_gate)
        {
            if (_running || _first is not null)
            {
                // What waits weighs what it keeps: all attachments, and of the body that it came in no more than itself.
                var arguments = packet.Arguments.Own();
                var weight = (int)Math.Min(int.MaxValue / 4, Math.Max(size, arguments.Weight) + Overhead);
                Append(new Work(socket, new Packet(packet.Type, packet.Namespace, packet.AckId, packet.EventName, arguments), null, weight));
                _bytes += weight;
                if (_bytes < limit)
                    return default;
                _room ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
                return new ValueTask(_room.Task);
            }
            _running = true;
        }
        Continue(socket.DispatchAsync(packet));
        return default;
    }

    /// <summary>Puts <paramref name="action"/>, which must not throw, in line; runs nothing, so it may be called under a lock. <see cref="Run"/> follows.</summary>
    public void Add(Func<ValueTask> action)
    {
        lock (_gate)
            Append(new Work(null, default, action, 0));
    }

    /// <summary>Runs what stands in line, unless somebody does already.</summary>
    public void Run()
    {
        lock (_gate)
        {
            if (_running)
                return;
            _running = true;
        }
        Continue(default);
    }

    private void Append(Work work)
    {
        if (_last is null)
            _first = work;
        else
            _last.Next = work;
        _last = work;
    }

    private void Continue(ValueTask running)
    {
        while (running.IsCompletedSuccessfully)
        {
            if (!TryNext(out var next))
                return;
            running = next.RunAsync();
        }
        // Not awaited: the caller goes on reading, and what it reads stands in line meanwhile.
        _ = GoOnAsync(running);
    }

    private async Task GoOnAsync(ValueTask running)
    {
        await running;
        while (TryNext(out var next))
            await next.RunAsync();
    }

    private bool TryNext([NotNullWhen(true)] out Work? next)
    {
        TaskCompletionSource<bool>? room = null;
        try
        {
            lock (_gate)
            {
                next = _first;
                if (next is null)
                {
                    _running = false;
                    return false;
                }
                _first = next.Next;
                if (_first is null)
                    _last = null;
                _bytes -= next.Size;
                if (_bytes < limit / 2 || _first is null)
                    (room, _room) = (_room, null);
                return true;
            }
        }
        finally
        {
            room?.TrySetResult(true);
        }
    }

    private sealed class Work(EventSocket? socket, in Packet packet, Func<ValueTask>? action, int size)
    {
        private readonly Packet _packet = packet;

        public Work? Next { get; set; }

        public int Size => size;

        public ValueTask RunAsync() => socket switch
        {
            null => action!(),
            { IsOpen: true } => socket.DispatchAsync(_packet),
            _ => default,
        };
    }
}

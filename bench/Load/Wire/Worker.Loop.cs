using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Holdfast.Load.Wire;

internal sealed unsafe partial class Worker
{
    private void Run(int core)
    {
        ThreadId = Libc.ThreadId();
        Cpu.Pin(ThreadId, [core]);
        _ = Libc.ProcessControl(29, 1); // a timer that is due rings at once, not up to 50 us later
        Readiness.Write(_ready, Libc.In, -1);
        _ = Libc.EpollControl(_epoll, Libc.Add, _bell, _ready);
        _started.SetResult();
        while (!_ending)
        {
            try
            {
                Turn();
            }
            catch (Exception fault)
            {
                // The run is over: nothing that this worker carries can be trusted. It stays to end its connections.
                Fault ??= fault;
                (Called, Due, _writing, _outLength) = (null, long.MaxValue, null, 0);
            }
        }
    }

    private void Turn()
    {
        var count = Wait();
        var rung = false;
        for (var i = 0; i < count; i++)
        {
            var at = _ready + i * Readiness.Size;
            if (Readiness.Slot(at) is >= 0 and var slot)
            {
                // Null when the connection was ended earlier in this batch.
                if (_slots[slot] is { } connection)
                    Serve(connection, Readiness.Events(at));
                continue;
            }
            ulong rings;
            _ = Libc.Read(_bell, &rings, 8);
            rung = true;
            while (_orders.TryDequeue(out var order))
                order();
            Flush();
        }
        if (rung || Due <= Stopwatch.GetTimestamp())
        {
            Called?.Invoke();
            Flush();
        }
    }

    private int Wait()
    {
        Libc.Timespec left;
        if (Due != long.MaxValue)
        {
            var ticks = Math.Max(0, Due - Stopwatch.GetTimestamp());
            left = new Libc.Timespec { Seconds = ticks / Stopwatch.Frequency, Nanoseconds = ticks % Stopwatch.Frequency * (1_000_000_000 / Stopwatch.Frequency) };
        }
        return Libc.EpollWait(_epoll, _ready, BatchSize, Due == long.MaxValue ? null : &left, 0);
    }

    private void Serve(Connection connection, uint events)
    {
        if ((events & Libc.Out) != 0)
            Write(connection);
        if (connection.IsOpen && (events & (Libc.In | Libc.Error | Libc.HangUp)) != 0)
            Read(connection);
        Flush();
    }

    private void Write(Connection connection)
    {
        if (!connection.HasUnsent)
        {
            Watch(connection, Libc.Modify, Libc.In);
            connection.Connected(); // nothing else waits for room
            return;
        }
        nint sent;
        fixed (byte* unsent = connection.Unsent)
            sent = Libc.Send(connection.Descriptor, unsent, (nuint)connection.Unsent.Length, 0x4000);
        if (sent > 0)
            connection.Sent((int)sent);
        if (!connection.HasUnsent)
            Watch(connection, Libc.Modify, Libc.In);
    }

    private void Read(Connection connection)
    {
        while (true)
        {
            var have = connection.TakeKept(new Span<byte>(_in, BufferSize));
            var room = BufferSize - have;
            if (room == 0)
                throw new InvalidOperationException("a message is longer than the load's buffer");
            var count = Libc.Receive(connection.Descriptor, _in + have, (nuint)room, 0);
            if (count <= 0)
            {
                if (count < 0 && Marshal.GetLastPInvokeError() is Libc.Again or Libc.Interrupted)
                    return;
                Drop(connection, count == 0 ? "ended by the server" : $"recv: error {Marshal.GetLastPInvokeError()}");
                return;
            }
            var length = have + (int)count;
            var used = connection.Consume(new Span<byte>(_in, length));
            if (!connection.IsOpen)
                return;
            connection.Keep(new ReadOnlySpan<byte>(_in + used, length - used));
            if (count < room)
                return;
        }
    }
}

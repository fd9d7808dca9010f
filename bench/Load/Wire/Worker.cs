using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Holdfast.Load.Wire;

/// <summary>
/// One thread on one core, with connections of its own that no other thread touches. It waits, reads what is ready, lets the connection answer, and
/// sends all answers to one read with one call.
/// </summary>
internal sealed unsafe partial class Worker : IDisposable
{
    private const int BufferSize = 1 << 20, BatchSize = 512;

    private readonly int _epoll = Libc.EpollCreate(0);
    private readonly int _bell = Libc.EventDescriptor(0, 0x800);
    private readonly byte* _ready = (byte*)NativeMemory.AllocZeroed((nuint)(BatchSize * Readiness.Size));
    private readonly byte* _in = (byte*)NativeMemory.AllocZeroed(BufferSize);
    private readonly byte* _out = (byte*)NativeMemory.AllocZeroed(BufferSize);
    private readonly ConcurrentQueue<Action> _orders = new();
    private readonly List<Connection?> _slots = [];
    private readonly Stack<int> _free = new();
    private readonly Thread _thread;
    private readonly TaskCompletionSource _started = new();
    private Connection? _writing;
    private int _outLength;
    private volatile bool _ending;

    public Worker(int index, int core)
    {
        Index = index;
        _thread = new Thread(() => Run(core)) { IsBackground = true, Name = $"load {index}" };
        _thread.Start();
        _started.Task.Wait();
    }

    public int Index { get; }

    /// <summary>What the scenario counts; written by this thread only.</summary>
    public long Count;

    /// <summary>Called whenever the bell was rung, and when <see cref="Due"/> has come.</summary>
    public Action? Called { get; set; }

    /// <summary>The next time at which <see cref="Called"/> has something to do.</summary>
    public long Due { get; set; } = long.MaxValue;

    public int ThreadId { get; private set; }

    /// <summary>What went wrong, until the stage is closed.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Runs on the worker's thread, soon.</summary>
    public void Post(Action order)
    {
        _orders.Enqueue(order);
        Ring();
    }

    /// <summary>Runs on the worker's thread; returns when it has run.</summary>
    public void Do(Action order)
    {
        using var done = new ManualResetEventSlim();
        Post(() =>
        {
            try
            {
                order();
            }
            finally
            {
                done.Set();
            }
        });
        done.Wait();
    }

    public void Ring()
    {
        var one = 1UL;
        _ = Libc.Write(_bell, &one, 8);
    }

    public void Open(Connection connection, int port)
    {
        var socket = Libc.Socket(2, 1 | 0x800 | 0x80000, 0);
        if (socket < 0)
            throw new InvalidOperationException($"no socket: error {Marshal.GetLastPInvokeError()} (is the limit of open files raised?)");
        var on = 1;
        Libc.SetOption(socket, 6, 1, &on, 4);
        (connection.Worker, connection.Descriptor, connection.Port) = (this, socket, port);
        connection.Slot = _free.TryPop(out var slot) ? slot : _slots.Count;
        if (connection.Slot == _slots.Count)
            _slots.Add(connection);
        else
            _slots[connection.Slot] = connection;

        var address = new Libc.Address { Family = 2, Port = (ushort)((port >> 8) | (port << 8)), Host = 0x0100007F };
        var connected = Libc.Connect(socket, &address, 16) == 0;
        if (!connected && Marshal.GetLastPInvokeError() != Libc.InProgress)
        {
            Drop(connection, $"connect: error {Marshal.GetLastPInvokeError()}");
            return;
        }
        Watch(connection, Libc.Add, connected ? Libc.In : Libc.In | Libc.Out);
        if (!connected)
            return;
        connection.Connected();
        Flush();
    }

    /// <summary>Where the next bytes of this connection go; they leave when the current read has been dealt with. Committed by <see cref="Advance"/>.</summary>
    public Span<byte> Reserve(Connection connection, int length)
    {
        if (_writing != connection || _outLength + length > BufferSize)
            Flush();
        _writing = connection;
        return new Span<byte>(_out + _outLength, BufferSize - _outLength);
    }

    public void Advance(int length) => _outLength += length;

    public void Flush()
    {
        var connection = _writing;
        var length = _outLength;
        (_writing, _outLength) = (null, 0);
        if (connection is not { IsOpen: true } || length == 0)
            return;
        if (connection.HasUnsent)
        {
            connection.Hold(new ReadOnlySpan<byte>(_out, length));
            return;
        }
        var sent = Libc.Send(connection.Descriptor, _out, (nuint)length, 0x4000);
        if (sent == length)
            return;
        if (sent < 0 && Marshal.GetLastPInvokeError() is not Libc.Again and var error)
        {
            Drop(connection, $"send: error {error}");
            return;
        }
        connection.Hold(new ReadOnlySpan<byte>(_out + Math.Max(0, sent), length - (int)Math.Max(0, sent)));
        Watch(connection, Libc.Modify, Libc.In | Libc.Out);
    }

    /// <summary>Stops or resumes reading.</summary>
    public void Listen(Connection connection, bool reads) => Watch(connection, Libc.Modify, (reads ? Libc.In : 0) | (connection.HasUnsent ? Libc.Out : 0));

    /// <summary>Ends the connection with a reset: nothing waits, no port stays taken, and to the server it is a line that was cut.</summary>
    public void Cut(Connection connection)
    {
        if (!connection.IsOpen)
            return;
        if (_writing == connection)
            (_writing, _outLength) = (null, 0);
        var linger = 1L; // on, for 0 seconds
        Libc.SetOption(connection.Descriptor, 1, 13, &linger, 8);
        _ = Libc.Close(connection.Descriptor);
        _slots[connection.Slot] = null;
        _free.Push(connection.Slot);
        connection.Forget();
    }

    public void Dispose()
    {
        _ending = true;
        Ring();
        _thread.Join();
        foreach (var connection in _slots)
        {
            if (connection != null)
                Cut(connection);
        }
        _ = Libc.Close(_epoll);
        _ = Libc.Close(_bell);
        NativeMemory.Free(_ready);
        NativeMemory.Free(_in);
        NativeMemory.Free(_out);
    }

    private void Drop(Connection connection, string why)
    {
        Cut(connection);
        connection.Lost(why);
    }

    private void Watch(Connection connection, int operation, uint events)
    {
        var at = stackalloc byte[16];
        Readiness.Write(at, events, connection.Slot);
        _ = Libc.EpollControl(_epoll, operation, connection.Descriptor, at);
    }
}

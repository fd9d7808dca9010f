using System.Threading.Channels;
using Holdfast.Cluster;
using Holdfast.Protocol;
using Holdfast.Recovery;

namespace Holdfast.Adapters.Tests;

/// <summary>Moves messages between servers of one process, as bytes, and knows nothing else.</summary>
internal sealed class MemoryWire
{
    private readonly Lock _gate = new();
    private readonly List<End> _ends = [];
    private int _underWay;

    /// <summary>Nothing gets through.</summary>
    public bool IsCut { get; set; }

    /// <summary>Nothing is on its way.</summary>
    public bool IsQuiet => Volatile.Read(ref _underWay) == 0;

    public End Join(ulong node)
    {
        lock (_gate)
        {
            var end = new End(this, node);
            _ends.Add(end);
            return end;
        }
    }

    private Task SendAsync(ulong from, ulong? to, ClusterMessage message)
    {
        if (IsCut)
            return Task.FromException(new IOException("The wire is cut."));
        var record = new RecordWriter();
        ClusterCodec.Write(record, message);
        lock (_gate)
        {
            foreach (var end in _ends)
            {
                if (end.Node != from && (to is null || to == end.Node))
                    end.Take(from, record.Written);
            }
        }
        return Task.CompletedTask;
    }

    internal sealed class End(MemoryWire wire, ulong node) : IClusterWire
    {
        private readonly JsonPacketParser _parser = new();
        private readonly Channel<(ulong From, ReadOnlyMemory<byte> Message)> _messages = Channel.CreateUnbounded<(ulong, ReadOnlyMemory<byte>)>();
        private volatile bool _isListening;

        public ulong Node => node;

        public void Listen(Action<ulong, ClusterMessage> received)
        {
            _isListening = true;
            _ = ReceiveAsync(received);
        }

        public Task SendAsync(ulong from, ulong? to, ClusterMessage message) => wire.SendAsync(from, to, message);

        public void Take(ulong from, ReadOnlyMemory<byte> message)
        {
            if (!_isListening)
                return;
            Interlocked.Increment(ref wire._underWay);
            _messages.Writer.TryWrite((from, message));
        }

        /// <summary>Hears nothing more.</summary>
        public void Leave()
        {
            lock (wire._gate)
                wire._ends.Remove(this);
        }

        private async Task ReceiveAsync(Action<ulong, ClusterMessage> received)
        {
            await foreach (var (from, message) in _messages.Reader.ReadAllAsync())
            {
                received(from, Read(message));
                Interlocked.Decrement(ref wire._underWay);
            }
        }

        private ClusterMessage Read(ReadOnlyMemory<byte> message)
        {
            var reader = new RecordReader(message.Span);
            return ClusterCodec.Read(ref reader, _parser);
        }
    }
}

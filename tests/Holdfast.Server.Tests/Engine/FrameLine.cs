using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;
using Holdfast.Engine;
using Holdfast.Testing;
using Microsoft.AspNetCore.Http.Features;

namespace Holdfast.Server.Tests.Engine;

/// <summary>A channel of our own frames, with a pipe for each direction in the place of the network.</summary>
internal sealed class FrameLine : IDuplexPipe, IHttpRequestLifetimeFeature, IDisposable
{
    private const uint Mask = 0x4d3c2b1a;

    private readonly Pipe _in;
    private readonly Pipe _out;
    private Task<ReadResult>? _pending;
    private bool _hasSent;

    /// <param name="maxMessage">The largest message.</param>
    /// <param name="segment">How many bytes a piece of memory has, so that what is read is scattered; 0: as the pipe likes.</param>
    /// <param name="room">How many bytes may wait to be read before writing waits.</param>
    public FrameLine(int maxMessage = 1_000_000, int segment = 0, int room = 1_000_000)
    {
        _in = new Pipe(segment == 0 ? PipeOptions.Default : new PipeOptions(new Shreds(segment), minimumSegmentSize: segment, useSynchronizationContext: false));
        _out = new Pipe(new PipeOptions(pauseWriterThreshold: room, resumeWriterThreshold: room / 2, useSynchronizationContext: false));
        Channel = new FrameChannel(this, this, maxMessage);
    }

    public FrameChannel Channel { get; }

    public bool WasAborted { get; private set; }

    PipeReader IDuplexPipe.Input => _in.Reader;

    PipeWriter IDuplexPipe.Output => _out.Writer;

    CancellationToken IHttpRequestLifetimeFeature.RequestAborted { get; set; }

    void IHttpRequestLifetimeFeature.Abort() => WasAborted = true;

    /// <summary>One masked frame of a client.</summary>
    /// <param name="first">The byte with its flags and opcode.</param>
    /// <param name="payload">Without the mask.</param>
    /// <param name="lengthBytes">How many bytes have the length: 0, 2, 8, or -1 for the fewest.</param>
    public static byte[] Frame(int first, ReadOnlySpan<byte> payload, int lengthBytes = -1)
    {
        var head = Head(first, payload.Length, lengthBytes);
        byte[] frame = [.. head, .. payload];
        for (var i = 0; i < payload.Length; i++)
        {
            frame[head.Length + i] = (byte)(payload[i] ^ (byte)(Mask >> (8 * (i % 4))));
        }

        return frame;
    }

    public static byte[] Frame(int first, string payload) => Frame(first, Encoding.UTF8.GetBytes(payload));

    /// <summary>The head alone, with the mask.</summary>
    public static byte[] Head(int first, long length, int lengthBytes = -1)
    {
        if (lengthBytes < 0)
        {
            lengthBytes = length < 126 ? 0 : length <= ushort.MaxValue ? 2 : 8;
        }

        var head = new byte[2 + lengthBytes + sizeof(uint)];
        head[0] = (byte)first;
        head[1] = (byte)(0x80 | (lengthBytes == 0 ? (int)length : lengthBytes == 2 ? 126 : 127));
        for (var i = 0; i < lengthBytes; i++)
        {
            head[1 + lengthBytes - i] = (byte)(length >> (8 * i));
        }

        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(2 + lengthBytes), Mask);
        return head;
    }

    public void Send(params byte[][] parts)
    {
        // Not awaited: the pipe has no room for all that a test wants to send.
        _ = _in.Writer.WriteAsync(parts.SelectMany(part => part).ToArray()).AsTask();
        _hasSent = true;
    }

    public void End()
    {
        _in.Writer.Complete();
        _hasSent = true;
    }

    public void CancelRead()
    {
        _in.Reader.CancelPendingRead();
        _hasSent = true;
    }

    /// <summary>Everything that has come, and how it went on: <c>t:text</c>, <c>b:HEX</c>, then <c>closed</c>, <c>CODE: reason</c>, <c>end</c>, or <c>waits</c>.</summary>
    public async Task<List<string>> ReadAsync()
    {
        var read = new List<string>();
        try
        {
            while (true)
            {
                var wait = _pending ?? Channel.WaitAsync().AsTask();
                _pending = null;
                if (!wait.IsCompleted && !_hasSent)
                {
                    _pending = wait;
                    read.Add("waits");
                    return read;
                }

                _hasSent = false;
                if (!Channel.Begin(await wait.Within()))
                {
                    read.Add("closed");
                    return read;
                }

                while (Channel.TryRead(out var message, out var isBinary))
                {
                    read.Add(isBinary ? "b:" + Convert.ToHexString(message) : "t:" + Encoding.UTF8.GetString(message));
                }
            }
        }
        catch (WebSocketFault fault)
        {
            read.Add($"{(int)fault.Status}: {fault.Message}");
        }
        catch (IOException)
        {
            read.Add("end");
        }

        return read;
    }

    /// <summary>What has been written and not been taken yet, as hex.</summary>
    public string TakeWritten()
    {
        if (!_out.Reader.TryRead(out var result))
        {
            return "";
        }

        var hex = Convert.ToHexString(result.Buffer.ToArray());
        _out.Reader.AdvanceTo(result.Buffer.End);
        return hex;
    }

    /// <summary>Whether the channel has given back what it read.</summary>
    public bool CanBeRead => _in.Reader.TryRead(out _);

    public void EndWriting() => _out.Reader.Complete();

    public void Dispose() => Channel.Dispose();

    /// <summary>Memory in pieces of a few bytes.</summary>
    private sealed class Shreds(int size) : MemoryPool<byte>
    {
        public override int MaxBufferSize => size;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => new Shred(size);

        protected override void Dispose(bool disposing)
        {
        }

        private sealed class Shred(int size) : IMemoryOwner<byte>
        {
            public Memory<byte> Memory { get; } = new byte[size];

            public void Dispose()
            {
            }
        }
    }
}

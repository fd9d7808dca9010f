using System.Globalization;
using System.Text;
using System.Text.Json;
using Holdfast.Engine;
using Holdfast.Protocol;
using Holdfast.Sockets;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Testing;

/// <summary>One client of an <see cref="OfflineServer"/>. It reads nothing by itself: what was sent to it lies in its outbox until <see cref="Read"/>.</summary>
internal sealed class OfflineClient(OfflineServer server)
{
    private static readonly EncodedPacket s_open = new("0"u8.ToArray());
    private static readonly HttpContext s_context = new DefaultHttpContext();
    [ThreadStatic]
    private static EncodedPacket[]? t_batch;
    private EngineSession _session = null!;
    private EncodedPacket? _last;
    private EncodedPacket? _answer;
    private EncodedPacket? _event;

    /// <summary>The bytes of the last packet that was read.</summary>
    public ReadOnlyMemory<byte> Last => _last!.Text;

    /// <summary>The answer to its CONNECT.</summary>
    public JsonElement Answer => JsonDocument.Parse(_answer!.Text[2..]).RootElement;

    /// <summary>The offset in the last event, of this connection or one before.</summary>
    public string Offset => JsonDocument.Parse(_event!.Text[2..]).RootElement.EnumerateArray().Last().GetString()!;

    public ServerSocket Socket => server.Io.Sockets.FindSocket(Answer.GetProperty("sid").GetString()!)!;

    /// <summary>A connection and its CONNECT.</summary>
    public void Connect() => ComeBack("40"u8.ToArray());

    /// <summary>The same with what it says when it comes back. What is sent has been read when this returns: how many packets behind the answer.</summary>
    public int ComeBack(ReadOnlyMemory<byte> connect)
    {
        Open();
        _answer = null;
        Read();
        Receive(connect);
        return Read() - (_answer is null ? throw new InvalidOperationException("The client was not let in.") : 1);
    }

    /// <summary>What it says when it comes back.</summary>
    public byte[] ComingBack(string? offset = null) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $$"""40{"pid":"{{Answer.GetProperty("pid").GetString()}}","offset":"{{offset ?? Offset}}"}"""));

    /// <summary>Answers the question that it has read last, 42ID["name"], with a number.</summary>
    public void AnswerQuestion() => Receive(AnswerTo(5));

    public byte[] AnswerTo(int number) => [.. "43"u8, .. Last.Span[2..Last.Span.IndexOf((byte)'[')], .. Encoding.UTF8.GetBytes($"[{number}]")];

    /// <summary>Leaves of it what the server keeps.</summary>
    public void ForgetWhatWasRead() => _last = _answer = _event = null;

    /// <summary>The connection is lost.</summary>
    public void Cut() => _session.Discard(CloseReason.TransportError);

    /// <summary>A text frame from the client is handled.</summary>
    public void Receive(ReadOnlyMemory<byte> frame)
    {
        var handled = _session.ReceiveAsync(EnginePacket.ReadText(frame), (IPausable)_session.Transport);
        if (!handled.IsCompletedSuccessfully || !handled.Result)
            throw new InvalidOperationException("The message was not handled at once.");
    }

    /// <summary>Takes everything out of the outbox, as a transport does that writes it; returns how many packets.</summary>
    public int Read()
    {
        var total = 0;
        var space = t_batch ??= new EncodedPacket[64];
        while (true)
        {
            int count;
            lock (_session.Gate)
                count = _session.TakeBatch(space, int.MaxValue);
            if (count == 0)
                return total;
            var batch = space.AsSpan(0, count);
            _session.Flushing(batch);
            _session.Sent(batch);
            _last = batch[^1];
            foreach (var packet in batch)
            {
                switch (packet.Text.Span)
                {
                    case [(byte)'4', (byte)'0', ..]:
                        _answer = packet;
                        break;
                    case [(byte)'4', (byte)'2', ..]:
                        _event = packet;
                        break;
                }
            }
            batch.Clear();
            total += count;
        }
    }

    private void Open()
    {
        var session = new EngineSession(server.Engine, "offline", new Handshake(s_context, default), static session => new Wire(session));
        _session = session;
        if (!session.Open(s_open, null, session => new Connection(server.Io, session)))
            throw new InvalidOperationException("The session could not be opened.");
    }

    private sealed class Wire(EngineSession session) : Transport(session, WebSocket), IPausable
    {
        public override bool IsWritable => true;

        public override void Notify()
        {
        }

        public override void End(CloseReason reason, bool abort)
        {
        }

        public void OnPause()
        {
        }

        public void OnResume()
        {
        }

        protected override void OnDeadline()
        {
        }
    }
}

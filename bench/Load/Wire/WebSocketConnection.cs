using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Holdfast.Load.Wire;

/// <summary>A WebSocket client: the upgrade, then frames, read in place. Fragments are joined, pings answered; what a server must not send is a fault.</summary>
internal abstract class WebSocketConnection(string path) : Connection
{
    // The example of RFC 6455, section 1.3.
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";
    private static readonly byte[] s_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="u8.ToArray();

    private byte[] _fragments = [];
    private int _fragmentsLength;
    private bool _upgraded;
    private uint _key = 0x9E3779B9;

    public sealed override void Connected()
    {
        (_upgraded, _fragmentsLength) = (false, 0);
        var request = $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{Port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Key: {Key}\r\nSec-WebSocket-Version: 13\r\n\r\n";
        Worker.Advance(Encoding.ASCII.GetBytes(request, Worker.Reserve(this, request.Length)));
    }

    /// <summary>The upgrade is done.</summary>
    public abstract void Upgraded();

    public abstract void Message(ReadOnlySpan<byte> message);

    public void Send(ReadOnlySpan<byte> text) => Send(0x81, text);

    public override int Consume(Span<byte> data)
    {
        var at = 0;
        if (!_upgraded)
        {
            var end = data.IndexOf("\r\n\r\n"u8);
            if (end < 0)
                return 0;
            if (!data.StartsWith("HTTP/1.1 101 "u8) || data[..end].IndexOf(s_accept) < 0)
                throw new InvalidOperationException($"the upgrade was refused: {Encoding.ASCII.GetString(data)}");
            _upgraded = true;
            at = end + 4;
            Upgraded();
        }
        while (IsOpen && Frame(data[at..]) is > 0 and var length)
            at += length;
        return at;
    }

    /// <summary>Deals with one frame and returns its length; 0 if it is not complete.</summary>
    private int Frame(Span<byte> data)
    {
        if (data.Length < 2)
            return 0;
        var (first, length, start) = (data[0], data[1] & 0x7F, 2);
        if ((first & 0x70) != 0 || (data[1] & 0x80) != 0)
            throw new InvalidOperationException($"the server has sent no valid frame: {Convert.ToHexString(data[..2])}");
        if (length == 126)
        {
            if (data.Length < 4)
                return 0;
            (length, start) = (BinaryPrimitives.ReadUInt16BigEndian(data[2..]), 4);
        }
        else if (length == 127)
        {
            if (data.Length < 10)
                return 0;
            (length, start) = (checked((int)BinaryPrimitives.ReadUInt64BigEndian(data[2..])), 10);
        }
        if (data.Length - start < length)
            return 0;
        Frame(first, data.Slice(start, length));
        return start + length;
    }

    private void Frame(byte first, Span<byte> payload)
    {
        switch (first)
        {
            case 0x81:
                Message(payload);
                break;
            case 0x01 or 0x00 or 0x80:
                if (_fragmentsLength + payload.Length > _fragments.Length)
                    Array.Resize(ref _fragments, (_fragmentsLength + payload.Length) * 2);
                payload.CopyTo(_fragments.AsSpan(_fragmentsLength));
                _fragmentsLength += payload.Length;
                if (first == 0x80)
                {
                    Message(_fragments.AsSpan(0, _fragmentsLength));
                    _fragmentsLength = 0;
                }
                break;
            case 0x88:
                Worker.Cut(this);
                Lost($"closed by the server: {(payload.Length < 2 ? "" : $"{BinaryPrimitives.ReadUInt16BigEndian(payload)} {Encoding.UTF8.GetString(payload[2..])}")}");
                break;
            case 0x89:
                Send(0x8A, payload);
                break;
            case 0x8A:
                break;
            default:
                throw new InvalidOperationException($"the server has sent a frame of kind {first:X2}");
        }
    }

    private void Send(byte kind, ReadOnlySpan<byte> payload)
    {
        var to = Worker.Reserve(this, payload.Length + 14);
        to[0] = kind;
        int start;
        if (payload.Length < 126)
        {
            to[1] = (byte)(0x80 | payload.Length);
            start = 2;
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            to[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)payload.Length);
            start = 4;
        }
        else
        {
            to[1] = 0x80 | 127;
            BinaryPrimitives.WriteUInt64BigEndian(to[2..], (ulong)payload.Length);
            start = 10;
        }
        // Another key for each frame; the generator never comes to zero.
        _key ^= _key << 13;
        _key ^= _key >> 17;
        _key ^= _key << 5;
        MemoryMarshal.Write(to[start..], in _key);
        Mask(payload, to[(start + 4)..], _key);
        Worker.Advance(start + 4 + payload.Length);
    }

    private static void Mask(ReadOnlySpan<byte> from, Span<byte> to, uint key)
    {
        var wide = Vector.AsVectorByte(new Vector<uint>(key));
        var at = 0;
        for (; at + Vector<byte>.Count <= from.Length; at += Vector<byte>.Count)
            (new Vector<byte>(from[at..]) ^ wide).CopyTo(to[at..]);
        for (; at < from.Length; at++)
            to[at] = (byte)(from[at] ^ (key >> (8 * (at & 3))));
    }
}

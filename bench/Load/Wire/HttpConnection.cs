using System.Buffers.Text;
using System.Text;

namespace Holdfast.Load.Wire;

/// <summary>A keep-alive connection on which one request after the other is asked. Bodies with a length and chunked ones are understood.</summary>
internal abstract class HttpConnection : Connection
{
    private byte[] _body = [];

    /// <summary>The answer to the only request that is open. The body is valid until this returns.</summary>
    public abstract void Answered(ReadOnlySpan<byte> body);

    public override void Connected()
    {
        // The client says what it asks first.
    }

    public void Get(ReadOnlySpan<byte> target)
    {
        var to = Worker.Reserve(this, target.Length + 64);
        var length = Copy(to, 0, "GET "u8);
        length = Copy(to, length, target);
        Worker.Advance(Copy(to, length, " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"u8));
    }

    public void Post(ReadOnlySpan<byte> target, ReadOnlySpan<byte> body)
    {
        var to = Worker.Reserve(this, target.Length + body.Length + 160);
        var length = Copy(to, 0, "POST "u8);
        length = Copy(to, length, target);
        length = Copy(to, length, " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: "u8);
        Utf8Formatter.TryFormat(body.Length, to[length..], out var written);
        length = Copy(to, length + written, "\r\n\r\n"u8);
        Worker.Advance(Copy(to, length, body));
    }

    public sealed override int Consume(Span<byte> data)
    {
        var at = 0;
        while (IsOpen && Answer(data[at..]) is > 0 and var length)
            at += length;
        return at;
    }

    private static int Copy(Span<byte> to, int at, ReadOnlySpan<byte> from)
    {
        from.CopyTo(to[at..]);
        return at + from.Length;
    }

    /// <summary>Deals with one answer and returns its length; 0 if it is not complete.</summary>
    private int Answer(ReadOnlySpan<byte> data)
    {
        var end = data.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return 0;
        if (!data.StartsWith("HTTP/1.1 200 "u8))
            throw new InvalidOperationException($"a request was refused: {Encoding.UTF8.GetString(data)}");
        var headers = data[..(end + 2)];
        var start = end + 4;
        if (Header(headers, "\r\ncontent-length:"u8) is { Length: > 0 } value)
        {
            if (!Utf8Parser.TryParse(value, out int length, out _))
                throw new InvalidOperationException("the length of an answer is no number");
            if (data.Length - start < length)
                return 0;
            Answered(data.Slice(start, length));
            return start + length;
        }
        return Chunks(data, start);
    }

    private int Chunks(ReadOnlySpan<byte> data, int at)
    {
        var bodyLength = 0;
        while (true)
        {
            var line = data[at..].IndexOf("\r\n"u8);
            if (line < 0)
                return 0;
            if (!Utf8Parser.TryParse(data.Slice(at, line), out int length, out _, 'x'))
                throw new InvalidOperationException("the answer has neither a length nor chunks");
            at += line + 2;
            if (data.Length - at < length + 2)
                return 0;
            if (length == 0)
            {
                Answered(_body.AsSpan(0, bodyLength));
                return at + 2;
            }
            if (bodyLength + length > _body.Length)
                Array.Resize(ref _body, (bodyLength + length) * 2);
            data.Slice(at, length).CopyTo(_body.AsSpan(bodyLength));
            bodyLength += length;
            at += length + 2;
        }
    }

    private static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> name)
    {
        for (var at = 0; at + name.Length < headers.Length; at++)
        {
            var next = headers[at..].IndexOf((byte)'\r');
            if (next < 0)
                break;
            at += next;
            if (headers.Length - at > name.Length && Ascii.EqualsIgnoreCase(headers.Slice(at, name.Length), name))
                return headers[(at + name.Length)..].TrimStart((byte)' ');
        }
        return default;
    }
}

using System.Buffers;
using System.Text.Json;

namespace Holdfast.Protocol;

/// <summary>
/// Where one packet is written: JSON in a buffer that the thread keeps, binary values in a list beside it. The converters for binary
/// values find it through <see cref="Current"/>, because the serializer has no other way to hand them something.
/// </summary>
/// <remarks>
/// Serialising is synchronous, so the thread is a safe place; and it nests, because a converter or a getter of the application may emit
/// another event in the middle of it.
/// </remarks>
internal sealed class JsonPacketBuffer : IBufferWriter<byte>
{
    private const int OwnCapacity = 4096;

    [ThreadStatic]
    private static JsonPacketBuffer? t_current;

    [ThreadStatic]
    private static JsonPacketBuffer? t_spare;

    private readonly JsonPacketParser _parser;
    private readonly List<Attachment> _attachments = [];
    private readonly byte[] _own = new byte[OwnCapacity];
    private byte[] _bytes; // the own one, or one of the shared pool while a packet is larger
    private int _written;
    private JsonPacketBuffer? _outer;
    private int _maxAttachments;
    private bool _takesEncoded;

    private JsonPacketBuffer(JsonPacketParser parser)
    {
        _parser = parser;
        _bytes = _own;
        Json = new Utf8JsonWriter(this, parser.WriterOptions);
    }

    /// <summary>The packet that this thread is writing; null outside of an encode.</summary>
    public static JsonPacketBuffer? Current => t_current;

    public Utf8JsonWriter Json { get; }

    public int AttachmentCount => _attachments.Count;

    /// <summary>All JSON written; flushes.</summary>
    public ReadOnlySpan<byte> Written
    {
        get
        {
            Json.Flush();
            return _bytes.AsSpan(0, _written);
        }
    }

    /// <param name="parser">Whose options the writer uses.</param>
    /// <param name="maxAttachments">How many binary values the packet may carry; 0: see <see cref="CarriesBinary"/>.</param>
    /// <param name="takesEncoded">Whether the JSON becomes MessagePack; see <see cref="TakesEncoded"/>.</param>
    public static JsonPacketBuffer Rent(JsonPacketParser parser, int maxAttachments, bool takesEncoded = false)
    {
        var buffer = t_spare?._parser == parser ? t_spare : new JsonPacketBuffer(parser);
        t_spare = null;
        buffer._maxAttachments = maxAttachments;
        buffer._takesEncoded = takesEncoded;
        buffer._outer = t_current;
        t_current = buffer;
        return buffer;
    }

    public void Return()
    {
        t_current = _outer;
        _outer = null;
        _written = 0;
        _attachments.Clear();
        Json.Reset();
        Replace(_own);
        t_spare = this;
    }

    /// <summary>False: a packet without attachments is being written, and binary values become base64 text.</summary>
    public bool CarriesBinary => _maxAttachments > 0;

    /// <summary>Whether values that are MessagePack already may stand between the attachments, with placeholders like theirs.</summary>
    public bool TakesEncoded => _takesEncoded;

    /// <summary>Writes a binary value in the place where the JSON is. The bytes are copied: the caller may reuse its array.</summary>
    public void WriteBinary(ReadOnlyMemory<byte> value)
    {
        if (CarriesBinary)
        {
            Placeholder.Write(Json, Attach(value.ToArray()));
        }
        else
        {
            Json.WriteBase64StringValue(value.Span);
        }
    }

    /// <summary>Leaves a place for a value that is MessagePack already.</summary>
    public void WriteEncoded(ReadOnlyMemory<byte> value) => Placeholder.Write(Json, Attach(value, isEncoded: true));

    /// <summary>Adds bytes that nobody writes to any more, and answers with the number for their placeholder.</summary>
    public int Attach(ReadOnlyMemory<byte> bytes, bool isEncoded = false)
    {
        if (_attachments.Count == _maxAttachments)
        {
            throw new ArgumentException(
                $"One event or acknowledgement can carry at most {_maxAttachments} binary values: clients refuse more. " +
                "Join them into one array or send several events.");
        }

        _attachments.Add(new Attachment(bytes, isEncoded));
        return _attachments.Count - 1;
    }

    public Attachment GetAttachment(int number) => _attachments[number];

    public ReadOnlyMemory<byte>[] TakeAttachments()
    {
        if (_attachments.Count == 0)
        {
            return [];
        }

        var attachments = new ReadOnlyMemory<byte>[_attachments.Count];
        for (var i = 0; i < attachments.Length; i++)
        {
            attachments[i] = _attachments[i].Bytes;
        }

        return attachments;
    }

    public void Advance(int count) => _written += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_written);
    }

    private void Reserve(int sizeHint)
    {
        var needed = checked(_written + Math.Max(sizeHint, 1));
        if (needed > _bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, (int)Math.Min((long)_bytes.Length * 2, 0x7FFFFFC7)));
            _bytes.AsSpan(0, _written).CopyTo(larger);
            Replace(larger);
        }
    }

    private void Replace(byte[] bytes)
    {
        if (_bytes != _own)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = bytes;
    }

    /// <summary>A binary value, or one that is MessagePack already.</summary>
    public readonly record struct Attachment(ReadOnlyMemory<byte> Bytes, bool IsEncoded);
}

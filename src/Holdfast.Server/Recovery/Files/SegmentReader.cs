namespace Holdfast.Recovery.Files;

/// <summary>
/// Takes records out of a segment, in order, from a buffer that is reused. What is no record is passed over when a valid one follows: it is what somebody left who died in the middle of a write, or
/// whose disk was full. When nothing valid follows it is the end, where a write may be just going on. Bytes that were judged so are read a second time before they are given up.
/// </summary>
internal sealed class SegmentReader(int maxPayload)
{
    private const int UsualSize = 1024 * 1024;

    private byte[] _buffer = new byte[UsualSize];
    private Segment? _segment;
    private long _offset; // in the file, of what stands first in the buffer
    private int _first;
    private int _end;
    private int _wanted;
    private long _doubted;

    /// <summary>Behind the last record; at first, behind the header.</summary>
    public long Position { get; private set; }

    /// <summary>The last <see cref="Fill"/> has met the end of the file.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>There are bytes behind the last record.</summary>
    public bool HasRest => _segment!.Position + _offset + (_end - _first) > Position;

    /// <summary>How far the file has been read.</summary>
    public long Offset => _offset + (_end - _first);

    public void Open(Segment segment)
    {
        _segment = segment;
        (_first, _end, _wanted) = (0, 0, 0);
        _offset = SegmentHeader.Size;
        _doubted = -1;
        Position = segment.Position + _offset;
        IsAtEnd = false;
    }

    /// <summary>Reads on in the file. False: there was nothing new.</summary>
    public bool Fill()
    {
        MakeRoom();
        var room = _buffer.AsSpan(_end);
        var count = _segment!.Read(room, Offset);
        _end += count;
        IsAtEnd = count < room.Length;
        return count > 0;
    }

    /// <summary>The next record, whose bytes are there until the next <see cref="Fill"/>. False: more bytes are needed.</summary>
    public bool TryRead(out ReadOnlyMemory<byte> record)
    {
        while (true)
        {
            var bytes = _buffer.AsSpan(_first, _end - _first);
            var state = _segment!.Header.Format.Examine(bytes, maxPayload, out _wanted);
            if (state == RecordState.Valid)
            {
                record = _buffer.AsMemory(_first, _wanted);
                Skip(_wanted);
                Position = _segment.Position + _offset;
                return true;
            }
            record = default;
            if (state == RecordState.Incomplete)
            {
                if (!IsAtEnd || bytes.Length <= 1 || FindValid(bytes) is not (> 0 and var next))
                    return false;
                if (Doubt())
                    return false;
                Skip(next);
                continue;
            }
            if (Doubt())
                return false;
            Skip(FindMagic(bytes));
        }
    }

    /// <summary>True: these bytes have to be read once more before they may be passed over.</summary>
    private bool Doubt()
    {
        if (_doubted == _offset)
            return false;
        _doubted = _offset;
        (_first, _end, _wanted) = (0, 0, Math.Max(_wanted, _end - _first));
        IsAtEnd = false;
        return true;
    }

    private void Skip(int count)
    {
        _first += count;
        _offset += count;
    }

    /// <summary>How far it is to what may be the next record; the beginning of a magic may stand at the very end.</summary>
    private int FindMagic(ReadOnlySpan<byte> bytes)
    {
        var at = bytes[1..].IndexOf(Magic(stackalloc byte[sizeof(uint)]));
        return at >= 0 ? at + 1 : Math.Max(1, bytes.Length - sizeof(uint) + 1);
    }

    /// <summary>How far it is to the next record that is complete. Zero: there is none.</summary>
    private int FindValid(ReadOnlySpan<byte> bytes)
    {
        var magic = Magic(stackalloc byte[sizeof(uint)]);
        for (var at = 1; bytes[at..].IndexOf(magic) is >= 0 and var found; at++)
        {
            at += found;
            if (_segment!.Header.Format.Examine(bytes[at..], maxPayload, out _) == RecordState.Valid)
                return at;
        }
        return 0;
    }

    private ReadOnlySpan<byte> Magic(Span<byte> bytes)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(bytes, _segment!.Header.Format.Magic);
        return bytes;
    }

    private void MakeRoom()
    {
        var count = _end - _first;
        var size = Math.Max(UsualSize, Math.Max(_wanted, count) + 1);
        if (_buffer.Length != size && (size > _buffer.Length || count <= UsualSize / 2))
        {
            var buffer = new byte[size];
            _buffer.AsSpan(_first, count).CopyTo(buffer);
            (_buffer, _first, _end) = (buffer, 0, count);
        }
        else if (_first > 0 && (count == 0 || _end == _buffer.Length || _first >= _buffer.Length / 2))
        {
            _buffer.AsSpan(_first, count).CopyTo(_buffer);
            (_first, _end) = (0, count);
        }
    }
}

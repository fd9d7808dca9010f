using System.Buffers;

namespace Holdfast.Engine;

/// <summary>
/// What a session has yet to send: references to packets that other sessions may share. Guarded by the session's gate. One packet alone, which is what a client that keeps up has, needs no
/// array; more stand in a ring behind it, which the session keeps while it is busy, so that a broadcast allocates for no receiver, however many of them there are. <see cref="Trim"/> takes the
/// ring from one that is not.
/// </summary>
internal struct Outbox
{
    private const int FirstCapacity = 16;

    /// <summary>A larger ring is given back as soon as it is empty.</summary>
    private const int KeptCapacity = 64;

    private EncodedPacket? _first;
    private EncodedPacket[]? _ring;
    private int _head;

    public int Count { get; private set; }

    public readonly EncodedPacket Peek() => _first!;

    public readonly EncodedPacket PeekLast() => Count == 1 ? _first! : _ring![(_head + Count - 2) & (_ring.Length - 1)];

    public void Enqueue(EncodedPacket packet)
    {
        if (Count == 0)
        {
            _first = packet;
        }
        else
        {
            MakeRoom();
            _ring![(_head + Count - 1) & (_ring.Length - 1)] = packet;
        }

        Count++;
    }

    /// <summary>Puts a packet before all others: a ping, or one that was taken and could not be sent.</summary>
    public void PushFront(EncodedPacket packet)
    {
        if (Count > 0)
        {
            MakeRoom();
            _head = (_head - 1) & (_ring!.Length - 1);
            _ring[_head] = _first!;
        }

        _first = packet;
        Count++;
    }

    public EncodedPacket Dequeue()
    {
        var packet = _first!;
        _first = null;
        if (--Count > 0)
        {
            _first = _ring![_head];
            _ring[_head] = null!;
            _head = (_head + 1) & (_ring.Length - 1);
        }
        else if (_ring is { Length: > KeptCapacity })
        {
            Release();
        }

        return packet;
    }

    public void Clear()
    {
        Count = 0;
        _first = null;
        if (_ring is not null)
        {
            Array.Clear(_ring);
            Release();
        }
    }

    /// <summary>Nothing has been sent for a while, or the session would have more than one packet: it gets by without the ring.</summary>
    public void Trim()
    {
        if (Count <= 1 && _ring is not null)
        {
            Release();
        }
    }

    /// <summary>For one more behind the first.</summary>
    private void MakeRoom()
    {
        if (_ring is null)
        {
            // The shared pool hands out powers of two, which the index arithmetic relies on.
            _ring = ArrayPool<EncodedPacket>.Shared.Rent(FirstCapacity);
        }
        else if (Count - 1 == _ring.Length)
        {
            var larger = ArrayPool<EncodedPacket>.Shared.Rent(_ring.Length * 2);
            var first = _ring.Length - _head;
            Array.Copy(_ring, _head, larger, 0, first);
            Array.Copy(_ring, 0, larger, first, _head);
            ArrayPool<EncodedPacket>.Shared.Return(_ring, clearArray: true);
            _ring = larger;
            _head = 0;
        }
    }

    private void Release()
    {
        ArrayPool<EncodedPacket>.Shared.Return(_ring!);
        _ring = null;
        _head = 0;
    }
}

using System.Buffers;

namespace Holdfast.Engine;

/// <summary>
/// What a session has yet to send: a ring of references to packets that other sessions may share. Guarded by the session's gate. An empty outbox holds no array,
/// so that an idle session costs none.
/// </summary>
internal struct Outbox
{
    private const int FirstCapacity = 16;

    private EncodedPacket[]? _ring;
    private int _head;

    public int Count { get; private set; }

    public readonly EncodedPacket Peek() => _ring![_head];

    public readonly EncodedPacket PeekLast() => _ring![(_head + Count - 1) & (_ring.Length - 1)];

    public void Enqueue(EncodedPacket packet)
    {
        MakeRoom();
        _ring![(_head + Count) & (_ring.Length - 1)] = packet;
        Count++;
    }

    /// <summary>Puts a packet before all others: a ping, or one that was taken and could not be sent.</summary>
    public void PushFront(EncodedPacket packet)
    {
        MakeRoom();
        _head = (_head - 1) & (_ring!.Length - 1);
        _ring[_head] = packet;
        Count++;
    }

    public EncodedPacket Dequeue()
    {
        var packet = _ring![_head];
        _ring[_head] = null!;
        _head = (_head + 1) & (_ring.Length - 1);
        if (--Count == 0)
        {
            Release();
        }

        return packet;
    }

    public void Clear()
    {
        if (_ring is not null)
        {
            Count = 0;
            Array.Clear(_ring);
            Release();
        }
    }

    private void MakeRoom()
    {
        if (_ring is null)
        {
            // The shared pool hands out powers of two, which the index arithmetic relies on.
            _ring = ArrayPool<EncodedPacket>.Shared.Rent(FirstCapacity);
        }
        else if (Count == _ring.Length)
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

namespace Holdfast.Load.Wire;

/// <summary>
/// One TCP connection of a worker. It owns no buffer: only what a read left incomplete and what the kernel did not take are kept, in arrays that it
/// uses again.
/// </summary>
internal abstract class Connection
{
    private byte[] _kept = [];
    private int _keptLength;
    private byte[] _unsent = [];
    private int _unsentLength;

    public Worker Worker { get; set; } = null!;

    public int Port { get; set; }

    public int Descriptor { get; set; } = -1;

    public int Slot { get; set; } = -1;

    public bool IsOpen => Descriptor >= 0;

    public bool HasUnsent => _unsentLength > 0;

    public ReadOnlySpan<byte> Unsent => _unsent.AsSpan(0, _unsentLength);

    /// <summary>The TCP connection stands.</summary>
    public abstract void Connected();

    /// <summary>Reads what has come and returns how much of it was complete; the rest is shown again in front of what comes next.</summary>
    public abstract int Consume(Span<byte> data);

    /// <summary>The other side has ended the connection, or it broke.</summary>
    public abstract void Lost(string why);

    public int TakeKept(Span<byte> into)
    {
        _kept.AsSpan(0, _keptLength).CopyTo(into);
        return _keptLength;
    }

    public void Keep(ReadOnlySpan<byte> rest)
    {
        _keptLength = rest.Length;
        if (rest.Length > _kept.Length)
            _kept = new byte[Math.Max(1024, rest.Length * 2)];
        rest.CopyTo(_kept);
    }

    public void Hold(ReadOnlySpan<byte> bytes)
    {
        if (_unsentLength + bytes.Length > _unsent.Length)
            Array.Resize(ref _unsent, Math.Max(4096, (_unsentLength + bytes.Length) * 2));
        bytes.CopyTo(_unsent.AsSpan(_unsentLength));
        _unsentLength += bytes.Length;
    }

    public void Sent(int count)
    {
        _unsent.AsSpan(count, _unsentLength - count).CopyTo(_unsent);
        _unsentLength -= count;
    }

    public void Forget()
    {
        _keptLength = _unsentLength = 0;
        Descriptor = Slot = -1;
    }
}

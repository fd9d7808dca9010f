namespace Holdfast.Load.Wire;

/// <summary>How a server says what all of them do: the same five requests, in its own bytes.</summary>
internal abstract class Dialect
{
    public abstract string Path { get; }

    public abstract void Upgraded(Client client);

    /// <summary>Asks to be let in, as the session that it was if it has been one.</summary>
    public abstract void Connect(Client client);

    /// <summary>Says that it won't come back, where the language has a word for it.</summary>
    public virtual void Leave(Client client)
    {
    }

    public abstract void Read(Client client, ReadOnlySpan<byte> message);

    public abstract void Echo(Client client, int id, ReadOnlySpan<byte> argument);

    public abstract void Broadcast(Client client, ReadOnlySpan<byte> argument);

    public abstract void Join(Client client, int id, ReadOnlySpan<byte> room);

    public abstract void Room(Client client, ReadOnlySpan<byte> room, ReadOnlySpan<byte> argument);
}

namespace Holdfast.Load.Wire;

/// <summary>One client of a scenario, whatever language its server speaks.</summary>
internal abstract class Client(Dialect dialect) : WebSocketConnection(dialect.Path)
{
    /// <summary>The session's ids, as far as the language has them.</summary>
    public string Id { get; set; } = "";

    public string PrivateId { get; set; } = "";

    /// <summary>The offset of the last event, for those who want to come back.</summary>
    public virtual ReadOnlySpan<byte> Offset => default;

    protected Dialect Dialect => dialect;

    public sealed override void Upgraded() => dialect.Upgraded(this);

    public sealed override void Message(ReadOnlySpan<byte> message) => dialect.Read(this, message);

    /// <summary>The server has spoken first. Most clients say at once who they are.</summary>
    public virtual void Greeted() => dialect.Connect(this);

    public void Leave() => dialect.Leave(this);

    /// <summary>The client may send.</summary>
    public abstract void Ready();

    public virtual void Acked(int id, ReadOnlySpan<byte> argument) => throw new InvalidOperationException("an answer that nobody asked for");

    public virtual void Event(ReadOnlySpan<byte> name, ReadOnlySpan<byte> argument, ReadOnlySpan<byte> offset) =>
        throw new InvalidOperationException("an event that nobody has sent");
}

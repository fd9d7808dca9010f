using Holdfast.Protocol;

namespace Holdfast.Adapters;

/// <summary>
/// An event that all its receivers are to answer. One object stands in the table of every receiver; it remembers in which, so that at its end none keeps it.
/// </summary>
internal abstract class BroadcastQuestion(long id) : PendingAck
{
    private readonly List<PendingAcks> _asked = [];

    public long Id => id;

    /// <summary>How many receivers of this server have been asked.</summary>
    public int AskedHere
    {
        get
        {
            lock (Gate)
                return _asked.Count;
        }
    }

    protected Lock Gate { get; } = new();

    /// <summary>Before the event goes to that receiver.</summary>
    public void Ask(PendingAcks receiver)
    {
        lock (Gate)
        {
            OnAsking();
            _asked.Add(receiver);
        }
        receiver.Add(id, this);
    }

    /// <summary>Nobody waits any more: late answers find nothing.</summary>
    public virtual void Forget()
    {
        PendingAcks[] asked;
        lock (Gate)
            asked = [.. _asked];
        foreach (var receiver in asked)
            receiver.TryRemove(id, this);
    }

    /// <summary>Under the lock: one more is asked.</summary>
    protected virtual void OnAsking()
    {
    }
}

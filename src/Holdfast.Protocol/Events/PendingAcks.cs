using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Holdfast.Protocol;

/// <summary>
/// The questions of one socket that wait for an acknowledgement. Thread-safe. It belongs to the session, not to the connection: an
/// answer that arrives after a reconnect still finds its question.
/// </summary>
internal sealed class PendingAcks(TimeProvider time)
{
    private readonly object _gate = new();
    private Dictionary<long, PendingAck>? _pending; // most sockets never ask
    private Exception? _closed;
    private long _lastId = FirstId();

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _pending?.Count ?? 0;
            }
        }
    }

    /// <summary>
    /// The id for the next question. Ids start at a random 40-bit number, so that an answer from an earlier life of this session can't
    /// meet a question of this one.
    /// </summary>
    public long NextId() => Interlocked.Increment(ref _lastId);

    /// <summary>Adds a question. After <see cref="FailAll"/> it fails at once.</summary>
    public void Add(long id, PendingAck pending)
    {
        Exception closed;
        lock (_gate)
        {
            if (_closed is null)
            {
                (_pending ??= []).Add(id, pending);
                return;
            }

            closed = _closed;
        }

        pending.Fail(closed);
    }

    /// <summary>Adds a question whose answer is awaited.</summary>
    /// <exception cref="AckTimeoutException">In the task: there was no answer within <paramref name="timeout"/>.</exception>
    /// <exception cref="OperationCanceledException">In the task.</exception>
    public Task<EventArguments> AddAsync(long id, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var pending = new AwaitedAck(this, id) { HasLimit = timeout is not null };
        Add(id, pending);
        pending.Watch(time, timeout, cancellationToken);
        return pending.Task;
    }

    /// <summary>Hands an answer to its question. False: nobody asked, or the answer is late or came twice.</summary>
    public bool TryComplete(long id, EventArguments arguments)
    {
        if (!TryTake(id, null, out var pending))
        {
            return false;
        }

        pending.Complete(arguments);
        return true;
    }

    /// <summary>Ends one question, for example because it could not be sent. False when it has ended already.</summary>
    public bool TryFail(long id, Exception exception)
    {
        if (!TryTake(id, null, out var pending))
        {
            return false;
        }

        pending.Fail(exception);
        return true;
    }

    /// <summary>Ends all questions, and those that are asked later, because no answer can come any more.</summary>
    public void FailAll(Exception exception)
    {
        Dictionary<long, PendingAck>? failed;
        lock (_gate)
        {
            _closed ??= exception;
            (failed, _pending) = (_pending, null);
        }

        foreach (var pending in failed?.Values ?? Enumerable.Empty<PendingAck>())
        {
            pending.Fail(exception);
        }
    }

    /// <summary>Ends the questions up to <paramref name="lastId"/>; later ones may be asked.</summary>
    public void FailUpTo(long lastId, Exception exception) => Fail(lastId, evenIfLimited: true, exception);

    /// <summary>Ends the questions up to <paramref name="lastId"/> that have no time limit of their own; later ones may be asked.</summary>
    public void FailUnlimited(long lastId, Exception exception) => Fail(lastId, evenIfLimited: false, exception);

    private void Fail(long lastId, bool evenIfLimited, Exception exception)
    {
        List<PendingAck> failed;
        lock (_gate)
        {
            if (_pending is null)
            {
                return;
            }

            failed = [];
            foreach (var (id, pending) in _pending)
            {
                // Removing is the one change that an enumeration bears.
                if (id <= lastId && (evenIfLimited || pending is AwaitedAck { HasLimit: false }) && _pending.Remove(id))
                {
                    failed.Add(pending);
                }
            }
        }

        foreach (var pending in failed)
        {
            pending.Fail(exception);
        }
    }

    /// <summary>Removes exactly this question. The one caller who gets true may end it.</summary>
    public bool TryRemove(long id, PendingAck pending) => TryTake(id, pending, out _);

    private bool TryTake(long id, PendingAck? expected, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out PendingAck pending)
    {
        lock (_gate)
        {
            if (_pending is not null && _pending.TryGetValue(id, out pending) && (expected is null || pending == expected))
            {
                _pending.Remove(id);
                return true;
            }
        }

        pending = null;
        return false;
    }

    private static long FirstId()
    {
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random[..5]);
        return BinaryPrimitives.ReadInt64LittleEndian(random); // the upper three bytes stay zero: 40 bits
    }
}

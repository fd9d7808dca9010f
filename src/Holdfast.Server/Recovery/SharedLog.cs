namespace Holdfast.Recovery;

/// <summary>What a record of a shared log is. Up to 15 they are the log's own and are never handed to a reader.</summary>
internal enum LogRecordKind : byte
{
    /// <summary>An unbroken life of the storage begins.</summary>
    Epoch = 1,

    /// <summary>A node joins.</summary>
    NodeStart = 2,

    /// <summary>A node has ended cleanly; everything before it is on the disk.</summary>
    NodeStop = 3,

    /// <summary>A segment ends.</summary>
    Seal = 4,

    /// <summary>A node has found out that it can write again. Its payload says nothing.</summary>
    Probe = 5,

    /// <summary>From here on the server's.</summary>
    FirstOfServer = 16,

    /// <summary>An event: <see cref="EventRecord"/>.</summary>
    Event = FirstOfServer,

    /// <summary>Sessions join or leave rooms: <see cref="RoomsRecord"/>.</summary>
    Rooms,

    /// <summary>Sessions are over: <see cref="KickRecord"/>.</summary>
    Kick,

    /// <summary>How a session stands: <see cref="SessionRecord"/>.</summary>
    Session,

    /// <summary>A client has come back: <see cref="ClaimRecord"/>.</summary>
    Claim,

    /// <summary>A session is over: <see cref="EndRecord"/>.</summary>
    End,

    /// <summary>A session was taken from a connection whose client is still there: <see cref="ContestRecord"/>.</summary>
    Contest,

    /// <summary>What one server has to say to others: <see cref="IMessageReader"/>.</summary>
    Message,
}

/// <summary>
/// A log that several nodes share: records of all of them in one order, the same for everybody who reads it. Thread-safe.
/// </summary>
internal interface ISharedLog : IAsyncDisposable
{
    /// <summary>Names this node: random, new at each start, never zero.</summary>
    ulong NodeId { get; }

    /// <summary>null: all is well; otherwise what is wrong, for a health check. Goes away by itself when the cause has.</summary>
    string? Problem { get; }

    /// <summary>How far back records are certain to be there.</summary>
    LogWindow Window { get; }

    /// <summary>How much memory a node may give to what it knows of the log's events. Beyond it the packets of the older ones are read again when they are wanted.</summary>
    long MaxMemoryBytes { get; }

    /// <summary>The <see cref="Problem"/> does not go away: only a new process helps.</summary>
    bool HasFailed => false;

    /// <summary>
    /// Opens the log, reads everything that is there (oldest first), hands it to the reader, and completes when all that was there at the call has been handed over. From then on it goes on
    /// reading. Once per object.
    /// </summary>
    /// <param name="reader">Who is told.</param>
    /// <param name="cancellationToken">Gives the start up; the object can only be disposed of then.</param>
    /// <exception cref="RecoveryUnavailableException">The log can't be opened; the message says why.</exception>
    Task StartAsync(ISharedLogReader reader, CancellationToken cancellationToken);

    /// <summary>
    /// Takes a record; records of one node keep the order of these calls. Completes when it is written (and synced, if the option says so), which does not mean that the reader has been given it.
    /// </summary>
    /// <param name="kind">From <see cref="LogRecordKind.FirstOfServer"/> on.</param>
    /// <param name="payload">Must not change until the task has ended.</param>
    /// <exception cref="RecoveryUnavailableException">
    /// In the task: the log can't take it. Then it is not in the log and never will be, unless <see cref="RecoveryUnavailableException.OutcomeUnknown"/>.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The record is larger than the option allows, or of a kind that is not the server's.</exception>
    /// <exception cref="InvalidOperationException">The log has not been started.</exception>
    Task AppendAsync(LogRecordKind kind, ReadOnlyMemory<byte> payload);

    /// <summary>Completes when everything that was in the log at the call has been handed to the reader: the barrier.</summary>
    /// <param name="cancellationToken">Gives the waiting up.</param>
    /// <exception cref="RecoveryUnavailableException">The log has ended.</exception>
    Task CatchUpAsync(CancellationToken cancellationToken);

    /// <summary>Reads records once more, a few callers at a time.</summary>
    /// <param name="places">Of records that the reader has been handed, in their order.</param>
    /// <returns>Their payloads. Fewer than asked for: the next one is gone from the store, or what is there is not that record any more.</returns>
    /// <exception cref="RecoveryUnavailableException">In the task: the log has ended.</exception>
    Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAsync(RecordPlace[] places);
}

/// <summary>Called by one thread at a time, in log order; must return quickly and not throw.</summary>
internal interface ISharedLogReader
{
    void OnRecord(in LogRecord record);

    /// <summary>An epoch begins at this position; or, when reading begins behind its beginning, has begun there.</summary>
    void OnEpoch(EpochStart epoch);

    /// <summary>Everything up to this position is gone from the store. The first call of a start: what is older than the oldest record was trimmed.</summary>
    void OnTrimmed(long tail);

    /// <summary>Something between these positions that this reader should have read is gone or unreadable.</summary>
    void OnGap(long from, long to);

    /// <summary>A node is there, this one among them: told once for each, before any record of it. Whoever has read up to the same position knows the same nodes.</summary>
    void OnNodeStarted(ulong node);

    /// <summary>A node that was alive has ended, cleanly or not. No record of it comes after this.</summary>
    void OnNodeGone(ulong node);
}

/// <summary>Where a record is.</summary>
/// <param name="Position">Behind it.</param>
/// <param name="Length">Of its payload.</param>
internal readonly record struct RecordPlace(long Position, int Length);

/// <param name="Age">What is younger is there,</param>
/// <param name="Span">if it is not further than this from the end.</param>
internal readonly record struct LogWindow(TimeSpan Age, long Span);

/// <param name="Position">Of the byte behind the record: a record at position p has been read by everyone whose cursor is p or more.</param>
/// <param name="Node">Who appended it.</param>
/// <param name="Counter">Counts the records of its node; without a hole as long as nothing is lost.</param>
/// <param name="TimeTicks">When it was written, by the clock of its node: UTC, in ticks.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Payload">Valid during the call only.</param>
internal readonly record struct LogRecord(long Position, ulong Node, long Counter, long TimeTicks, LogRecordKind Kind, ReadOnlyMemory<byte> Payload)
{
    /// <summary>How long ago it was written when this node read it. Never negative.</summary>
    public TimeSpan Age { get; init; }

    public RecordPlace Place => new(Position, Payload.Length);
}

/// <param name="Name">8 characters of base64url.</param>
/// <param name="Position">Where it begins: behind its record.</param>
/// <param name="FormerEnd">Where the epoch before it ended. A position of that epoch beyond this is of a tail that was lost.</param>
/// <param name="TailMayBeLost">The machine itself restarted, and not everything had been synced: records before <paramref name="FormerEnd"/> may be missing, too.</param>
internal sealed record EpochStart(string Name, long Position, long FormerEnd, bool TailMayBeLost);

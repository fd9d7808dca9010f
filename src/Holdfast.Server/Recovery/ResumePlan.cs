namespace Holdfast.Recovery;

/// <summary>
/// What a client that comes back gets, from what it says, what the session remembers and what the log still has. All under the log's lock.
/// </summary>
internal static class ResumePlan
{
    /// <summary>Without looking at the missed events themselves: the same work for one as for a million.</summary>
    public static RecoveryResult Preview(Session session, in ResumeRequest request, RecoveryStore store) => Preview(session, request, store, out _, out _);

    /// <summary>The whole answer, with the missed events in order; null: there are none, or the client does not get them.</summary>
    public static RecoveryResult Make(Session session, in ResumeRequest request, RecoveryStore store, NamespaceLog home, out List<LogEntry>? missed)
    {
        missed = null;
        var preview = Preview(session, request, store, out var seen, out var from);
        if (preview.Outcome != RecoveryOutcome.Recovered || from >= session.LastAddressed)
            return preview;

        var found = home.Missed(session, from);
        if (session.LastAddressed == Session.NotKnown)
            session.LastAddressed = found.Count > 0 ? found[^1].Sequence : seen;
        var bytes = 0L;
        foreach (var entry in found)
            bytes += entry.PacketSize;
        if (bytes > store.Options.MaxReplayBytes)
            return StateOnly(RecoveryReason.ReplayTooLarge);
        if (found.Count == 0)
            return preview;
        var now = store.Clock.Now;
        if (session.IsInReplayLoop(from, now))
            return StateOnly(RecoveryReason.ReplayLoop);
        session.CountReplay(from, now);
        missed = found; // only now: a lesser outcome comes without any
        return preview with { MissedCount = missed.Count };
    }

    private static RecoveryResult Preview(Session session, in ResumeRequest request, RecoveryStore store, out long seen, out long from)
    {
        from = store.Log.Head;
        seen = session.Start;
        // Who was sent away in the gap must not come back, and nobody here can say who that was.
        if (store.IsDoubtful(session))
            return new RecoveryResult(RecoveryOutcome.Fresh, RecoveryReason.UnknownSession, 0);
        if (session.Alias is { } alias && alias == PrivateId.Hash(request.PrivateId!))
            return StateOnly(session.AliasReason);

        if (session.Start < store.Log.LostBefore)
            return StateOnly(store.Log.LostReason);

        // Every event that moves an offset carries one. So none, or one from before this session, means that the client has processed nothing of it.
        if (request.Offset is not null)
        {
            switch (store.Log.Offsets.Read(request.Offset, out var position))
            {
                case OffsetKind.Position when position > store.Log.Head:
                    return StateOnly(RecoveryReason.OffsetBeyondHead);
                case OffsetKind.Position:
                    seen = Math.Max(position, session.Start);
                    break;
                case OffsetKind.LostTail when session.Start > position:
                    break; // the session has begun anew since, and its client has got nothing of it yet
                case OffsetKind.LostTail:
                    return StateOnly(RecoveryReason.TailLost);
                case OffsetKind.Foreign when session.LastAddressed <= session.Confirmed.Last:
                    return Recovered;
                case OffsetKind.Foreign:
                    return StateOnly(RecoveryReason.ForeignOffset);
            }
        }

        if (seen >= session.LastAddressed)
            return Recovered;
        from = seen;
        if (seen >= session.Confirmed.Last)
            from = Math.Max(from, session.Confirmed.Cursor);
        if (seen >= session.Cut.Last)
            from = Math.Max(from, session.Cut.Cursor);
        if (from < store.Log.Tail)
            return StateOnly(RecoveryReason.EventsTrimmed);
        if (from < session.RoomsKnownSince)
            return StateOnly(RecoveryReason.RoomHistoryTooLong);
        return Recovered;
    }

    private static RecoveryResult Recovered => new(RecoveryOutcome.Recovered, RecoveryReason.None, 0);

    private static RecoveryResult StateOnly(RecoveryReason reason) => new(RecoveryOutcome.StateOnly, reason, 0);
}

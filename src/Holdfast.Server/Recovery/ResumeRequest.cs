namespace Holdfast.Recovery;

/// <summary>What a client says about its former session when it connects.</summary>
/// <param name="PrivateId">Null: it asks for none.</param>
/// <param name="Offset">Null: none, which means that it has not processed any event of the session.</param>
/// <param name="Ticket">The number of this CONNECT: of two that want one session, the later one is right.</param>
internal readonly record struct ResumeRequest(string? PrivateId, string? Offset, long Ticket)
{
    /// <summary>
    /// Takes <c>pid</c> and <c>offset</c> out of the auth object, so that neither handlers nor logs see them. What is not of our form is the application's own and stays there, where it
    /// hides ours; a private id that is none of ours still asks for a session, which does not exist.
    /// </summary>
    public static ResumeRequest Read(EventArgument auth, PacketParser parser, OffsetCodec offsets, long ticket, out EventArgument rest)
    {
        rest = auth;
        if (ReadKeys(auth) is not { } keys || Text(keys, "pid") is not { } privateId)
            return new ResumeRequest(null, null, ticket);

        var removed = Recovery.PrivateId.IsWellFormed(privateId) && keys.Remove("pid");
        var offset = Text(keys, "offset");
        if (offset is not null && offsets.Read(offset, out _) != OffsetKind.Foreign)
            removed |= keys.Remove("offset");
        else if (keys.TryGetValue("offset", out var other) && !other.IsNull)
            offset ??= ""; // not even text: as foreign as any other

        if (removed)
            rest = keys.Count == 0 ? default : parser.Capture(keys);
        return new ResumeRequest(privateId, offset, ticket);
    }

    private static Dictionary<string, EventArgument>? ReadKeys(EventArgument auth)
    {
        try
        {
            return auth.IsNull ? null : auth.Get<Dictionary<string, EventArgument>>();
        }
        catch (EventArgumentException)
        {
            return null;
        }
    }

    private static string? Text(Dictionary<string, EventArgument> keys, string name)
    {
        try
        {
            return keys.TryGetValue(name, out var value) ? value.Get<string>() : null;
        }
        catch (EventArgumentException)
        {
            return null;
        }
    }
}

using Holdfast.Protocol;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Engine;

/// <summary>Which revision of the protocol a client speaks, in which form, and whether it may.</summary>
internal sealed partial class EngineServer
{
    /// <summary>Where a client with JSONP says which function of its page takes the answers.</summary>
    private const string FunctionKey = "j";

    private Refusal? CheckRevision(QueryString query, bool isWebSocket)
    {
        if (RevisionOf(query) != 4 && !Options.AllowEIO3)
        {
            return Refusal.UnsupportedProtocol;
        }

        return isWebSocket || RequestQuery.Find(query, FunctionKey) is not { } function || (Options.AllowJsonp && Jsonp.IsFunction(function)) ? null : Refusal.NoJsonp;
    }

    /// <summary>Clients before the fourth revision say 3 or nothing.</summary>
    private static int RevisionOf(QueryString query) => RequestQuery.Find(query, "EIO") == "4" ? 4 : 3;

    /// <summary>Whether a client wants binary data as text.</summary>
    private static bool WantsBase64(QueryString query) => RequestQuery.Find(query, "b64") is { Length: > 0 };

    private static PollingCodec CodecFor(EngineSession session)
    {
        var query = session.Handshake.QueryString;
        return PollingCodec.Of(session.Protocol, WantsBase64(query), RequestQuery.Find(query, FunctionKey));
    }
}

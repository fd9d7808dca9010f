using Holdfast.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Engine;

/// <summary>What the application has to say about a client that comes: whether it may, and under which id.</summary>
internal sealed partial class EngineServer
{
    private const int LongestId = 128;

    /// <summary>Null: it may come.</summary>
    private async ValueTask<Refusal?> AskApplicationAsync(HttpContext context, Func<HttpContext, Task<bool>> allowRequest)
    {
        try
        {
            return await allowRequest(context) ? null : Refusal.Forbidden;
        }
        catch (ConnectRejectedException rejected)
        {
            return Refusal.ForbiddenWith(rejected.Message);
        }
        catch (Exception exception)
        {
            // A client that went away while it was asked about is nobody's fault.
            if (!(exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested))
            {
                Logger.OptionFailed(nameof(EngineIOOptions.AllowRequest), exception);
            }

            return Refusal.Forbidden;
        }
    }

    /// <summary>A session for a client that may come; null when its id could not be had, and the request has been refused for it.</summary>
    private ValueTask<EngineSession?> AdmitAsync(HttpContext context, Func<EngineSession, Transport> createTransport) =>
        Options.GenerateId is { } generateId ? AdmitUnderAsync(context, generateId, createTransport) : new(CreateSession(context, createTransport));

    private async ValueTask<EngineSession?> AdmitUnderAsync(
        HttpContext context, Func<HttpContext, ValueTask<string>> generateId, Func<EngineSession, Transport> createTransport)
    {
        object fault;
        try
        {
            var id = await generateId(context);
            if (!IsSafe(id))
            {
                fault = $"{nameof(EngineIOOptions.GenerateId)} made an id that is not 1 to {LongestId} characters out of letters, digits and - _ . ~";
            }
            else if (TryCreateSession(context, id, createTransport) is { } session)
            {
                return session;
            }
            else
            {
                fault = $"{nameof(EngineIOOptions.GenerateId)} made an id that an open session has";
            }
        }
        catch (Exception exception)
        {
            if (!(exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested))
            {
                Logger.OptionFailed(nameof(EngineIOOptions.GenerateId), exception);
            }

            fault = exception;
        }

        await RefuseAsync(context, Refusal.NoId, error: fault);
        return null;
    }

    /// <summary>It stands in queries, in JSON and in a cookie, and must need escaping in none of them.</summary>
    private static bool IsSafe(string? id)
    {
        if (id is not { Length: >= 1 and <= LongestId })
        {
            return false;
        }

        foreach (var c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or '~'))
            {
                return false;
            }
        }

        return true;
    }
}

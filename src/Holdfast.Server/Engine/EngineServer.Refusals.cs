using Holdfast.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Engine;

/// <summary>Requests that break the rules: they are counted, told to those who want to know, and answered.</summary>
internal sealed partial class EngineServer
{
    /// <param name="context">The request.</param>
    /// <param name="refusal">What it is answered.</param>
    /// <param name="session">The session that it disagrees with, if it does.</param>
    /// <param name="error">What went wrong on our side, if something did.</param>
    internal Task RefuseAsync(HttpContext context, Refusal refusal, EngineSession? session = null, object? error = null)
    {
        Meter.Refused(refusal.Code);
        Logger.RequestRefused(refusal.Code, refusal.Cause);
        if (Endpoint.HearsErrors && !refusal.IsOfTransport)
        {
            Endpoint.Report(new EngineConnectionError(refusal.Code, refusal.Title, refusal.Name, Describe(context.Request, refusal, session, error), context));
        }

        return refusal.WriteAsync(context, IsWebSocket(context));
    }

    private static Dictionary<string, object?> Describe(HttpRequest request, Refusal refusal, EngineSession? session, object? error)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (refusal.Name is not null)
        {
            values["name"] = refusal.Name;
        }

        switch (refusal)
        {
            case { Code: 0 }:
                values["transport"] = Query("transport");
                break;

            case { Code: 1 }:
                values["sid"] = Query("sid");
                break;

            case { Code: 2 }:
                values["method"] = request.Method;
                break;

            case { Code: 4 }:
                values["message"] = refusal.Message;
                break;

            case { Code: 5 }:
                values["protocol"] = RevisionOf(request.QueryString);
                break;

            case { Name: Refusal.TransportMismatchName }:
                values["transport"] = Query("transport");
                values["previousTransport"] = session?.TransportName;
                break;

            case { Name: Refusal.ProtocolMismatchName }:
                values["protocol"] = RevisionOf(request.QueryString);
                values["previousProtocol"] = session?.Protocol;
                break;

            case { Name: Refusal.InvalidOriginName }:
                values["origin"] = request.Headers.Origin.ToString();
                break;
        }

        if (error is not null)
        {
            values["error"] = error;
        }

        return values;

        string? Query(string name) => RequestQuery.Find(request.QueryString, name);
    }
}

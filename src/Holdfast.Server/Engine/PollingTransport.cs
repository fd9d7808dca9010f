using System.Threading.Tasks.Sources;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Engine;

/// <summary>
/// Long-polling. A GET takes the outbox as one body, or is parked until something comes; a POST carries packets in. One of each at a time.
///
///     poll:  None -> Parked -> Woken -> Writing -> None     (Parked and Woken are left out when there is something to say, Writing when it is no message)
///
/// What a body says is decided under the gate at the moment it is taken, in this order: the session is over (1, or 6 when the client closed it); the WebSocket has
/// taken over (6); messages; the server closes (1, or 6 and 1 when the poll came after the close); an upgrade is being probed (6, a moment after the poll's arrival). A close never shares a body
/// with messages: clients handle the close before the messages.
/// </summary>
internal sealed partial class PollingTransport(EngineSession session, PollingCodec codec) : Transport(session, Polling), IPausable, IValueTaskSource
{
    internal const string PollCutOff = "poll connection closed prematurely";
    private const string PostCutOff = "data request connection closed prematurely";

    private ManualResetValueTaskSourceCore<bool> _wake = new() { RunContinuationsAsynchronously = true };
    private PollState _poll;
    private HttpContext? _writesTo;
    private bool _pollAborted;
    private bool _posting;
    private bool _held;
    private bool _retired;
    private bool _endWithNoop;
    private bool _awaitsUpgrade;
    private long _arrived;
    private TaskCompletionSource? _quiet;
    private TaskCompletionSource? _lastPoll;

    private enum PollState : byte
    {
        None,
        Parked,
        Woken,
        Writing,
    }

    // Held or not: what is queued while a POST is handled leaves with it.
    public override bool IsWritable => _poll == PollState.Parked && !_retired;

    public override void Notify()
    {
        if (Session.State == SessionState.Closing)
        {
            _lastPoll?.TrySetResult();
        }

        // Held: the answers to the packets of one POST go out in one body, when all of them are handled.
        if (!_held)
        {
            Wake();
        }
    }

    public override void End(CloseReason reason, bool abort)
    {
        _endWithNoop = reason == CloseReason.TransportClose;
        if (_poll == PollState.Writing && Session.Server.IsStopping)
        {
            // The host waits for its requests, and this one for a client that may not read.
            Session.Server.FarewellLane.Start(this);
        }

        _held = false;
        Wake();
        InterruptPost();
        _quiet?.TrySetResult();
        _lastPoll?.TrySetResult();
    }

    /// <summary>
    /// Under the gate: an upgrade is being probed, so a parked poll has to end. A client that waits for no answers may have sent the upgrade's last packet before a
    /// poll that has just come, and expects that poll to be refused: it gets the moment in which the packet can arrive. A poll that was there long before ends at once.
    /// </summary>
    public void OnProbed()
    {
        if (_poll == PollState.Parked && Session.State == SessionState.Open)
        {
            var clock = Session.Server.Clock;
            if (clock.Now - _arrived < Session.Server.GraceLane.Duration)
            {
                _awaitsUpgrade = true;
                Session.Server.GraceLane.Start(this, _arrived);
                return;
            }
        }

        Notify();
    }

    /// <summary>Under the gate: the WebSocket takes over. The task completes when no POST is being handled and no messages are being written.</summary>
    public Task Retire()
    {
        _retired = true;
        Wake();
        if (IsQuiet)
        {
            return Task.CompletedTask;
        }

        _quiet = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return _quiet.Task;
    }

    /// <summary>A moment of grace has passed, or no poll came for the server's close.</summary>
    protected override void OnDeadline()
    {
        lock (Session.Gate)
        {
            _lastPoll?.TrySetResult();
            if (Session.State == SessionState.Closed && _poll == PollState.Writing)
            {
                // On another thread: an abort may run anyone's code on the spot.
                ThreadPool.UnsafeQueueUserWorkItem(static request => request?.Abort(), _writesTo, preferLocal: false);
            }

            if (_awaitsUpgrade)
            {
                _awaitsUpgrade = false;
                Wake();
            }
        }

        Session.FinishClosing(abort: true);
    }

    // A paused handler may itself wait for room in the outbox: what is queued has to go out meanwhile.
    void IPausable.OnPause()
    {
        _held = false;
        Wake();
    }

    void IPausable.OnResume() => _held = Session.State == SessionState.Open;

    private bool IsQuiet => !_posting && _poll != PollState.Writing;

    private void Wake()
    {
        if (_poll == PollState.Parked)
        {
            _poll = PollState.Woken;
            _wake.SetResult(true);
        }
    }

    private void CheckQuiet()
    {
        if (IsQuiet)
        {
            _quiet?.TrySetResult();
        }
    }

    private void SetHeaders(HttpContext context, string contentType, int? length)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = contentType;
        response.ContentLength = length;
        response.Headers.CacheControl = "no-store";
        if (codec.IsJsonp)
        {
            // A script says what it is, and is taken for nothing else.
            response.Headers.XContentTypeOptions = "nosniff";
        }

        var agent = context.Request.Headers.UserAgent.ToString();
        if (agent.Contains(";MSIE", StringComparison.Ordinal) || agent.Contains("MSIE ", StringComparison.Ordinal)
            || agent.Contains("Trident/", StringComparison.Ordinal))
        {
            // Old Internet Explorer takes some bodies for cross-site scripting and changes them.
            response.Headers.XXSSProtection = "0";
        }

        // Only the first answer of a session goes to a request that does not name it.
        var isInitial = !RequestQuery.Has(context.Request.QueryString, "sid");
        if (isInitial && Session.Server.Options.Cookie is { } cookie)
        {
            var cookieOptions = cookie.Build(context);
            cookieOptions.Path = string.IsNullOrEmpty(cookieOptions.Path) ? null : cookieOptions.Path;
            response.Cookies.Append(cookie.Name!, Session.Id, cookieOptions);
        }

        Session.Server.Endpoint.OnAnswer(context, isInitial);
    }

    private Task RefuseAsync(HttpContext context, Refusal refusal) => Session.Server.RefuseAsync(context, refusal, Session);

    void IValueTaskSource.GetResult(short token) => _wake.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wake.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wake.OnCompleted(continuation, state, token, flags);
}

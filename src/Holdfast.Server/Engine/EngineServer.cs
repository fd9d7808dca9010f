using System.Collections.Concurrent;
using Holdfast.Diagnostics;
using Holdfast.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Holdfast.Engine;

/// <summary>
/// All sessions of one endpoint, by id, with the clock and the lanes they share. The other half of the class answers the HTTP requests.
/// </summary>
internal sealed partial class EngineServer : IDisposable
{
    /// <summary>How long a client may take to fetch what was queued when the server closed its session, and the close itself.</summary>
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(30);

    /// <summary>How long a request waits for another that was sent before it on a connection of its own.</summary>
    private static readonly TimeSpan GraceTime = TimeSpan.FromMilliseconds(30);

    /// <summary>How long a WebSocket may take to answer the close frame.</summary>
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(5);

    /// <summary>The same while the host is stopping.</summary>
    private static readonly TimeSpan HastyFarewellTime = TimeSpan.FromMilliseconds(500);

    /// <summary>How long an answer on a session that gave way to another one counts as one.</summary>
    private static readonly TimeSpan GaveWayTime = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, EngineSession> _sessions = new(StringComparer.Ordinal);
    private readonly Func<EngineSession, SessionHandler> _createHandler;
    private readonly OriginCheck _origins;
    private readonly EncodedPacket? _initialPacket;
    private readonly DeadlineLane _farewellLane;
    private readonly DeadlineLane _hastyFarewellLane;
    private readonly ConcurrentDictionary<string, PastSession> _gaveWay = new(StringComparer.Ordinal);
    private readonly DeadlineLane _gaveWayLane;
    private volatile bool _stopping;

    public EngineServer(EngineIOOptions options, Func<EngineSession, SessionHandler> createHandler, EngineServices services)
    {
        options.Validate();
        Options = options;
        Logger = services.Logger;
        Meter = services.Meter;
        Clock = new EngineClock(services.Time);
        PingLane = Clock.CreateLane(options.PingInterval);
        PongLane = Clock.CreateLane(options.PingTimeout);
        SilenceLane = Clock.CreateLane(options.PingInterval + options.PingTimeout);
        UpgradeLane = Clock.CreateLane(options.UpgradeTimeout);
        ClosingLane = Clock.CreateLane(ClosingTime);
        GraceLane = Clock.CreateLane(GraceTime);
        _farewellLane = Clock.CreateLane(FarewellTime);
        _hastyFarewellLane = Clock.CreateLane(HastyFarewellTime);
        _gaveWayLane = Clock.CreateLane(GaveWayTime);
        _createHandler = createHandler;
        _origins = new OriginCheck(options.AllowedOrigins);
        _initialPacket = options.InitialPacket?.Encode();
        Endpoint = new EngineIOEndpoint(this);
    }

    /// <summary>The application's side.</summary>
    public EngineIOEndpoint Endpoint { get; }

    public EngineIOOptions Options { get; }

    /// <summary>How many sessions are open, those that are closing included.</summary>
    public int SessionCount => _sessions.Count;

    internal EngineClock Clock { get; }

    internal ILogger Logger { get; }

    internal EngineMeter Meter { get; }

    internal DeadlineLane PingLane { get; }

    internal DeadlineLane PongLane { get; }

    /// <summary>How long a client of Engine.IO 3 may go without a ping.</summary>
    internal DeadlineLane SilenceLane { get; }

    internal DeadlineLane UpgradeLane { get; }

    internal DeadlineLane ClosingLane { get; }

    internal DeadlineLane GraceLane { get; }

    internal DeadlineLane FarewellLane => _stopping ? _hastyFarewellLane : _farewellLane;

    /// <summary>Nobody is let in.</summary>
    internal bool IsStopping => _stopping;

    /// <summary>Those that are there now.</summary>
    public ICollection<EngineSession> Sessions => _sessions.Values;

    /// <summary>Lets no new session in, until <see cref="Accept"/>.</summary>
    public void Refuse() => _stopping = true;

    /// <summary>The opposite.</summary>
    public void Accept() => _stopping = false;

    /// <summary>
    /// Refuses new sessions and ends all that are there: pending polls are answered, WebSockets get a close frame and half a second. Returns when every session
    /// has closed; the requests end by themselves right after.
    /// </summary>
    public Task StopAsync()
    {
        _stopping = true;
        End(_sessions.Values);
        return Task.CompletedTask;
    }

    /// <summary>Ends these, on a server that lets nobody in. Whoever is given a longer farewell already gets no more of it.</summary>
    public void End(IEnumerable<EngineSession> sessions)
    {
        foreach (var session in sessions)
        {
            session.Discard(CloseReason.ForcedClose, "server shutting down", peerLives: true);
        }

        Clock.ExpireAll(_farewellLane);
    }

    public void Dispose() => Clock.Dispose();

    /// <summary>Removes this very session; one that took the id later would stay.</summary>
    internal void Remove(EngineSession session, CloseReason reason)
    {
        if (_sessions.TryRemove(KeyValuePair.Create(session.Id, session)))
        {
            Meter.SessionClosed(session.TransportName, reason, TimeSpan.FromTicks(Clock.Now - session.Opened));
        }
    }

    internal void Remember(EngineSession session)
    {
        var past = new PastSession(this, session);
        if (_gaveWay.TryAdd(session.Id, past))
        {
            _gaveWayLane.Start(past);
        }
    }

    /// <summary>True for the one caller who removes it.</summary>
    internal bool Forget(EngineSession session) => _gaveWay.TryRemove(session.Id, out _);

    private sealed class PastSession(EngineServer server, EngineSession session) : Deadline
    {
        public EngineSession Session => session;

        internal override void OnDue() => server.Forget(session);
    }

    private EngineSession CreateSession(HttpContext context, Func<EngineSession, Transport> createTransport)
    {
        while (true)
        {
            if (TryCreateSession(context, SessionId.Create(), createTransport) is { } session)
            {
                return session;
            }
        }
    }

    /// <summary>Null: another session has the id.</summary>
    private EngineSession? TryCreateSession(HttpContext context, string id, Func<EngineSession, Transport> createTransport)
    {
        var session = new EngineSession(this, id, new Handshake(context, Clock.UtcNow), createTransport, RevisionOf(context.Request.QueryString));
        if (!_sessions.TryAdd(id, session))
        {
            return null;
        }

        Meter.SessionOpened(session.TransportName);
        return session;
    }

    /// <summary>Connects the session to the application; false if the application's part failed, when the session has ended.</summary>
    private bool TryOpen(EngineSession session)
    {
        ReadOnlySpan<string> upgrades = session.Transport is PollingTransport && MayUpgrade ? [Transport.WebSocket] : [];
        var open = ControlPackets.Open(session.Id, upgrades, Options.PingInterval, Options.PingTimeout, Options.MaxHttpBufferSize);
        try
        {
            if (!session.Open(open, _initialPacket, _createHandler))
            {
                return false;
            }
        }
        catch (Exception exception)
        {
            Logger.HandlerFailed(exception);
            session.Discard(CloseReason.TransportError, "the application failed");
            return false;
        }

        Logger.SessionOpened(session.TransportName);

        // Closes the race with StopAsync, which may have looked through the sessions before this one was there.
        if (_stopping)
        {
            session.Discard(CloseReason.ForcedClose, "server shutting down", peerLives: true);
        }

        return true;
    }

    private bool MayUpgrade => Options.AllowUpgrades && Options.Transports.HasFlag(EngineTransports.WebSocket);
}

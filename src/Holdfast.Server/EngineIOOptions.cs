namespace Holdfast;

/// <summary>
/// The settings of the connection layer (Engine.IO): heartbeat, transports and bounds. They are read once, when the endpoint is mapped;
/// later changes have no effect.
/// </summary>
public partial class EngineIOOptions
{
    /// <summary>
    /// How long after the handshake, and after each pong, the server sends the next ping. Default 25 seconds; 1 millisecond to 24 days.
    /// Sent to the client in whole milliseconds.
    /// </summary>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>
    /// How long the server waits for the pong before it closes the session with <see cref="CloseReason.PingTimeout"/>. Default 20 seconds;
    /// 1 millisecond to 24 days. The first other packet that arrives meanwhile restarts the wait once.
    /// </summary>
    public TimeSpan PingTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long an upgrade from polling to WebSocket may take from the WebSocket's arrival to the client's last word. Default 10 seconds. An upgrade that is
    /// late is given up; the session stays on polling.
    /// </summary>
    public TimeSpan UpgradeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The most bytes of one POST body or one WebSocket message. Default 1,000,000; at least 1. A larger POST is answered 413, a larger WebSocket message closes
    /// the connection with status 1009. The bound holds while reading: no more than this is ever buffered for a message. Sent to the client as <c>maxPayload</c>.
    /// </summary>
    public int MaxHttpBufferSize { get; set; } = 1_000_000;

    /// <summary>Which transports the endpoint serves. Default both; at least one.</summary>
    public EngineTransports Transports { get; set; } = EngineTransports.All;

    /// <summary>Whether a polling session may move to WebSocket. Default true. When false the handshake offers no upgrade and an attempt is refused.</summary>
    public bool AllowUpgrades { get; set; } = true;

    /// <summary>
    /// Whether clients of Engine.IO 3 may come: those of Socket.IO 2, and others of that time. Default false, and they are refused with the code 5, "Unsupported protocol version".
    /// In that revision the client sends the pings: its session ends with <see cref="CloseReason.PingTimeout"/> when <see cref="PingInterval"/> and <see cref="PingTimeout"/> together have passed since
    /// the last one. Connection state recovery is not for these clients: they get neither a private id nor offsets, and their sessions end with their connections.
    /// </summary>
    /// <remarks>
    /// It weakens one thing, and so it is off by default: these clients make the id of their socket out of the id of their session, so <see cref="ServerSocket.Id"/> is that id, and every client
    /// that learns the one has the other. Whoever knows the id of a session on polling can send and receive in its place (unless its user is authenticated; then only as the same user).
    /// Where such clients are let in, don't show socket ids to other clients.
    /// </remarks>
    public bool AllowEIO3 { get; set; }

    /// <summary>
    /// Whether clients may poll with JSONP: scripts and forms instead of requests, for browsers without CORS, in both revisions. Default false: a handshake that asks for it (the query has <c>j</c>)
    /// is refused with the code 3, "Bad request".
    /// </summary>
    /// <remarks>
    /// A script is not bound by the same-origin policy: the page of any origin can load it, together with the cookies of its visitor, and read what is in it. Don't allow it where cookies authenticate.
    /// </remarks>
    public bool AllowJsonp { get; set; }

    /// <summary>
    /// How many bytes may wait for one client before sending to it has to wait. Default 4 MiB; at least 1. A packet is taken while less than this is waiting,
    /// so one packet may exceed it; so many packets wait at most that each has 128 bytes of it, because even the smallest costs about that much.
    /// </summary>
    public int OutboxLimit { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// Origins whose pages may open a WebSocket here besides the server's own, as a browser writes them (<c>https://app.example.com</c>), or <c>*</c> for all.
    /// Default empty. Origins that the endpoint's CORS policy (<c>RequireCors</c>) allows are allowed as well, and where the endpoint names none, those of the host's default policy
    /// (<c>AddDefaultPolicy</c>). A policy that only <c>UseCors(...)</c> names can't be seen from here: name it at the endpoint too. A client that sends no Origin header is no browser page and is allowed.
    /// </summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Throws if a value is out of its range, with the names of all such options in the message.</summary>
    /// <exception cref="ArgumentException">An option is out of its range, or several are.</exception>
    internal void Validate()
    {
        string[] faults = [.. Faults()];
        if (faults.Length > 0)
        {
            throw new ArgumentException(string.Join(' ', faults));
        }
    }

    /// <summary>What is out of its range.</summary>
    internal IEnumerable<string> Faults()
    {
        // Timers count milliseconds in 32 bits; the wire says whole milliseconds.
        (string Name, TimeSpan Value)[] durations = [(nameof(PingInterval), PingInterval), (nameof(PingTimeout), PingTimeout), (nameof(UpgradeTimeout), UpgradeTimeout)];
        foreach (var (name, value) in durations)
        {
            if (value < TimeSpan.FromMilliseconds(1) || value > TimeSpan.FromDays(24))
            {
                yield return $"{name} is {value}: it must be between 1 millisecond and 24 days.";
            }
        }

        (string Name, int Value)[] sizes = [(nameof(MaxHttpBufferSize), MaxHttpBufferSize), (nameof(OutboxLimit), OutboxLimit)];
        foreach (var (name, value) in sizes)
        {
            if (value < 1)
            {
                yield return $"{name} is {value}: it must be at least 1 byte.";
            }
        }

        if ((Transports & EngineTransports.All) == 0)
        {
            yield return $"{nameof(Transports)} names no transport: it must be {nameof(EngineTransports.Polling)}, {nameof(EngineTransports.WebSocket)} or both.";
        }

        foreach (var fault in HandshakeFaults())
        {
            yield return fault;
        }
    }
}

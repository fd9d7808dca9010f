using System.Text.Json;

namespace Holdfast;

/// <summary>
/// Options of a Socket.IO server, on top of those of its Engine.IO transports.
/// Bind them from configuration or set them in <c>AddSocketIO(o => ...)</c>; they are checked when the host starts, and read-only in effect from then on.
/// </summary>
public sealed class SocketIOOptions : EngineIOOptions
{
    /// <summary>How long an Engine.IO connection may stay without joining any namespace before it is closed. Default: 45 seconds.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>
    /// Whether a child namespace (see <c>Of(Regex)</c>) goes when the last client has left it, or was refused. Then it is made anew by the next one. Clients that are away and may come back keep
    /// it. Default: false, children stay for ever. Turn it on unless the names that clients may choose are few.
    /// </summary>
    public bool CleanupEmptyChildNamespaces { get; set; }

    /// <summary>
    /// The most child namespaces that clients make; over it a CONNECT to one more is answered with the error <c>Too many namespaces</c>. So clients can't fill the memory with names. Those that the
    /// application makes with <c>Of</c> count, too, and are never refused. Default: 100,000.
    /// </summary>
    public int MaxChildNamespaces { get; set; } = 100_000;

    /// <summary>
    /// The folder that holds the browser bundles (<c>socket.io.js</c>, <c>socket.io.min.js</c>, <c>socket.io.esm.min.js</c>, <c>socket.io.msgpack.min.js</c> and
    /// their maps), served below the server's path: the dist folder of the npm package socket.io-client. A relative path begins at the host's content root. The files are compressed
    /// once in each coding that clients ask for, kept in memory and read again when they change. Null, the default: the server serves no files.
    /// </summary>
    public string? ClientFiles { get; set; }

    /// <summary>
    /// The wire format of packets, for example <c>new MessagePackParser()</c>; clients must use the same one. Null, the default: JSON text with binary values beside it, which
    /// <see cref="JsonSerializerOptions"/> and <see cref="MaxAttachments"/> are for. Another parser gets what it needs when it is created.
    /// </summary>
    public PacketParser? Parser { get; set; }

    /// <summary>
    /// How arguments and acks are written as JSON and read back by the default parser. Default: the web defaults of System.Text.Json. Can't be set together with <see cref="Parser"/>:
    /// give them to its constructor.
    /// </summary>
    public JsonSerializerOptions? JsonSerializerOptions { get; set; }

    /// <summary>
    /// The most binary attachments that one packet of the default parser may have, in either direction. Default: 10, the limit that the official clients accept;
    /// an emit with more throws, a packet with more ends its connection. Can't be set together with <see cref="Parser"/>.
    /// </summary>
    public int MaxAttachments { get; set; } = PacketParser.DefaultMaxAttachments;

    /// <summary>
    /// How many bytes of received events may wait for the handlers of one socket. While more wait, reading from that connection pauses, so that a fast sender
    /// is slowed down by its own socket and by nothing else. What a connection's clients say when they join namespaces counts against a bound of the same size, with a kilobyte more for each namespace: over it a
    /// CONNECT is answered with the error <c>Too many namespaces</c>. Default: 4 MiB.
    /// </summary>
    public int InboxLimit { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// How long an emit with an acknowledgement waits when <c>Timeout(...)</c> does not say. Null, the default: for one socket until the answer, the
    /// disconnection or the cancellation, whichever comes first; for many sockets 5 seconds. With <see cref="ConnectionStateRecovery"/> a question that has a time limit outlives the
    /// connection: a client that comes back within it may still answer. <see cref="Timeout.InfiniteTimeSpan"/>: until the session is over.
    /// </summary>
    public TimeSpan? AckTimeout { get; set; }

    /// <summary>
    /// Connection state recovery: a client that lost its connection comes back with its id, rooms, data and every event that it missed, in order and once. Null, the default: off.
    /// The clients need nothing for it. docs/recovery.md says what is promised and what is not. From configuration it is on as soon as one of its values is there; an empty section is
    /// nothing to the framework's binder.
    /// </summary>
    public ConnectionStateRecoveryOptions? ConnectionStateRecovery { get; set; }

    /// <summary>What a broadcast does for a receiver whose outbox is full. Default: <see cref="SlowConsumerPolicy.Disconnect"/>.</summary>
    public SlowConsumerPolicy SlowConsumerPolicy { get; set; }
}

/// <summary>What a broadcast does for a receiver that reads too slowly, so that its outbox is full. The other receivers never wait for it.</summary>
public enum SlowConsumerPolicy
{
    /// <summary>The receiver's connection is closed with the reason <c>transport error</c>; official clients connect again.</summary>
    Disconnect,

    /// <summary>The receiver misses this event, and this is counted (<c>holdfast.events.dropped</c>). Not together with connection state recovery, which promises the opposite.</summary>
    Drop,
}

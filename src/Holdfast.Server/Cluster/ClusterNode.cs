using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Holdfast.Adapters;
using Holdfast.Diagnostics;

namespace Holdfast.Cluster;

/// <summary>
/// What this server does together with others, over a bus that only moves messages: it asks all of them and gathers their answers (this file, .Ask), and does and answers what they ask (.Receive). A
/// question has a list of those who have to answer it, taken where it has its place among everything that happens; whoever goes is struck out, and when the time is up what has come is the answer.
/// </summary>
/// <remarks>
/// Where the servers share a log, events, rooms and the ends of sessions are records of their own: the bus carries only what is not kept for anybody. Without one it carries these, too.
/// </remarks>
internal sealed partial class ClusterNode : IClusterMember
{
    /// <summary>How long other servers have for an answer of their own.</summary>
    public static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);

    private readonly SocketIOServer _server;
    private readonly IClusterBus _bus;
    private readonly bool _hasLog;
    private readonly ConcurrentDictionary<string, ClusterRequest> _requests = new(StringComparer.Ordinal);

    /// <param name="server">Whose it is.</param>
    /// <param name="bus">The way to the others.</param>
    /// <param name="hasLog">The servers share a log, which the bus is over.</param>
    public ClusterNode(SocketIOServer server, IClusterBus bus, bool hasLog)
    {
        _server = server;
        _bus = bus;
        _hasLog = hasLog;
        bus.Attach(this);
    }

    public TimeProvider Time => _server.Time;

    /// <summary>How many servers there are, as far as is known; this one counts.</summary>
    public int ServerCount => _bus.Others.Count + 1;

    /// <summary>Whether what goes to all sockets that match goes over the bus.</summary>
    public bool Carries(BroadcastTarget target) => !target.Local && !_hasLog;

    /// <summary>The same for events. A volatile one is kept for nobody, so it is nothing for a log.</summary>
    public bool CarriesEvents(BroadcastTarget target) => !target.Local && (!_hasLog || (target.Volatile && _bus.Others.Count > 0));

    /// <summary>Tells the others to do what is done here.</summary>
    /// <param name="message">What that is.</param>
    /// <param name="here">Does it here, in the same place of the order.</param>
    public Task DoAsync(ClusterMessage message, Action here) => _bus.PublishAsync(message, _ => here());

    public Task EmitAsync(SocketIONamespace ns, string eventName, object?[] arguments) =>
        _bus.PublishAsync(new ServerSideMessage(ns.Name, eventName, Capture(arguments), null));

    /// <summary>To one server; nobody waits for it. If it does not get there, whoever waits for it hears of it when the time is up.</summary>
    public void Send(ulong node, ClusterMessage message) =>
        _bus.SendAsync(node, message).ContinueWith(
            static (sent, cluster) => ((ClusterNode)cluster!)._server.Log.MessageNotSent(sent.Exception!.InnerException!.Message),
            this,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);

    /// <summary>Serialises now: what is sent to others is what the values are at the call.</summary>
    public EventArguments Capture(object?[] arguments)
    {
        if (arguments.Length == 0)
            return EventArguments.Empty;
        var captured = new EventArgument[arguments.Length];
        for (var i = 0; i < captured.Length; i++)
            captured[i] = _server.Parser.Capture(arguments[i]);
        return new EventArguments(captured);
    }

    /// <summary>The same for what a client has sent. Null: it can't be passed on.</summary>
    public EventArguments? TryCapture(EventArguments received)
    {
        try
        {
            return Capture(received.ToArray());
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    public void OnMalformed(ulong from, string reason)
    {
        _server.Meter.MessageIgnored();
        if (Interlocked.Exchange(ref _malformed, 1) == 0)
            _server.Log.MalformedMessage(from.ToString("x16", CultureInfo.InvariantCulture), reason);
    }

    public void OnNodeGone(ulong node)
    {
        foreach (var request in _requests.Values)
            request.OnNodeGone(node);
        foreach (var ns in _server.Namespaces.All)
            ns.ServerSide?.Forget(node);
    }

    /// <summary>16 hexadecimal digits.</summary>
    private static string NewId()
    {
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        return Convert.ToHexStringLower(random);
    }
}

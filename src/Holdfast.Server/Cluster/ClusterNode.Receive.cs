using System.Globalization;
using Holdfast.Diagnostics;

namespace Holdfast.Cluster;

// What other servers say: what it does to our own clients happens at the message's place in the order; everything else is done behind the bus, which waits for nobody.
internal sealed partial class ClusterNode
{
    /// <summary>So many bytes of sockets are told in one message, or a little more: no message is large, and others find their place between two.</summary>
    private const int FetchedBytes = 256 * 1024;

    private int _malformed;
    private int _overflown;

    public Action? Receive(ulong from, ClusterMessage message)
    {
        try
        {
            return Take(from, message) is { } run ? () => Run(from, run) : null;
        }
        catch (Exception failure)
        {
            OnMalformed(from, failure.Message);
            return null;
        }
    }

    private void Run(ulong from, Action run)
    {
        try
        {
            run();
        }
        catch (Exception failure)
        {
            OnMalformed(from, failure.Message);
        }
    }

    private Action? Take(ulong from, ClusterMessage message)
    {
        switch (message)
        {
            case BroadcastMessage { RequestId: not null } question:
                return Ask(from, question);
            case BroadcastMessage broadcast:
                return Find(broadcast)?.PrepareBroadcast(broadcast.Target, broadcast.EventName, broadcast.Arguments.ToArray());
            case RoomsMessage rooms when Find(rooms) is { } ns:
                return () => ns.ChangeRoomsHere(rooms.Target, rooms.Rooms, rooms.Join);
            case DisconnectMessage disconnect when Find(disconnect) is { } ns:
                return () => ns.DisconnectHere(disconnect.Target, disconnect.Close);
            case FetchMessage fetch:
                return () => Fetch(from, fetch);
            case ServerSideMessage said:
                Hear(from, said);
                return null;
            case FetchedMessage { RequestId: var id }:
                OnAnswer(id, from, message);
                return null;
            case ServerSideAnswerMessage { RequestId: var id }:
                OnAnswer(id, from, message);
                return null;
            case SessionMessage asked:
                return () => Tell(from, asked);
            case SessionAnswerMessage { RequestId: var id }:
                OnAnswer(id, from, message);
                return null;
            case ClientCountMessage { RequestId: var id }:
                OnAnswer(id, from, message);
                return null;
            case ClientAnswerMessage { RequestId: var id }:
                OnAnswer(id, from, message);
                return null;
            default:
                return null; // about a namespace that this server does not have
        }
    }

    private SocketIONamespace? Find(ClusterMessage message) => _server.Namespaces.Find(message.Namespace);

    private void OnAnswer(string id, ulong from, ClusterMessage answer)
    {
        if (_requests.TryGetValue(id, out var request))
            request.OnAnswer(from, answer);
    }

    private Action Ask(ulong from, BroadcastMessage question)
    {
        var answers = new RelayedAnswers(this, from, question, _server.NextAckId());
        if (Find(question) is not { } ns)
            return answers.Begin; // nobody is asked, and that is worth knowing
        var ask = ns.PrepareQuestion(question.Target, question.EventName, question.Arguments.ToArray(), answers, out var outgoing);
        return () =>
        {
            ask();
            answers.Begin();
            if (outgoing is not null)
                ThreadPool.UnsafeQueueUserWorkItem(static asked => asked.Tell(), outgoing, preferLocal: false);
        };
    }

    private void Hear(ulong from, ServerSideMessage said)
    {
        if (Find(said)?.ServerSide is { } listeners && listeners.HasListeners(said.EventName))
            listeners.Post(from, said);
        else
            Answer(from, said, null);
    }

    /// <summary>What this server says to an event of another one, if that one asks; null: nothing, which it hears at once.</summary>
    public void Answer(ulong asker, ServerSideMessage said, EventArgument? answer)
    {
        if (said.RequestId is { } id)
            Send(asker, new ServerSideAnswerMessage(said.Namespace, id, answer));
    }

    /// <summary>More waits for the handlers of a namespace than is kept.</summary>
    public void OnOverflow(ulong from, ServerSideMessage said)
    {
        _server.Meter.MessageIgnored();
        if (Interlocked.Exchange(ref _overflown, 1) == 0)
            _server.Log.ServerSideOverflow(said.Namespace, from.ToString("x16", CultureInfo.InvariantCulture));
        Answer(from, said, null);
    }

    private void Fetch(ulong from, FetchMessage fetch)
    {
        var sockets = Find(fetch)?.Adapter.Connected(fetch.Target) ?? [];
        _ = Task.Run(() => TellAsync(from, fetch, sockets));
    }

    /// <summary>Each message waits for the one before: the way to the others has room for a few of them only, and others want to send, too.</summary>
    private async Task TellAsync(ulong from, FetchMessage fetch, List<(EventSocket Socket, string[] Rooms)> sockets)
    {
        try
        {
            List<FetchedSocket> told = [];
            var bytes = 0L;
            foreach (var (found, rooms) in sockets)
            {
                var socket = (ServerSocket)found;
                var handshake = socket.Handshake.WithAuth(_server.Parser.Capture(socket.Handshake.Auth));
                var next = new FetchedSocket(socket.Id, handshake, rooms, socket.Data.Freeze());
                told.Add(next);
                bytes += WeightOf(next);
                if (bytes < FetchedBytes)
                    continue;
                await _bus.SendAsync(from, new FetchedMessage(fetch.Namespace, fetch.RequestId, told, IsLast: false));
                (told, bytes) = ([], 0);
            }
            await _bus.SendAsync(from, new FetchedMessage(fetch.Namespace, fetch.RequestId, told, IsLast: true));
        }
        catch (Exception failure)
        {
            _server.Log.MessageNotSent(failure.Message);
        }
    }

    private static long WeightOf(FetchedSocket socket) =>
        256 + socket.Handshake.Auth.Weight + socket.Handshake.Url.Length + socket.Handshake.Headers.Sum(header => header.Key.Length + header.Value.Sum(value => value?.Length ?? 0))
        + socket.Rooms.Sum(room => (long)room.Length) + socket.Data.Sum(item => item.Key.Length + item.Value.Weight);
}

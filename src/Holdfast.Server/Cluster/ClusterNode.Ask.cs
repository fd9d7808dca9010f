using System.Globalization;
using Holdfast.Adapters;

namespace Holdfast.Cluster;

// What is asked of other servers, and of this one with them.
internal sealed partial class ClusterNode
{
    /// <summary>Asks the clients of all servers. Completes when they have been asked; the answers are gathered in the object.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="target">Which of its sockets.</param>
    /// <param name="eventName">The event.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="answers">Gets the answers.</param>
    /// <param name="limit">How long these are waited for.</param>
    public Task AskAsync(SocketIONamespace ns, BroadcastTarget target, string eventName, object?[] arguments, BroadcastAnswers answers, TimeSpan limit)
    {
        var ask = ns.PrepareQuestion(target, eventName, arguments, answers, out var outgoing);
        var request = new AskRequest(NewId(), answers, this);
        answers.Include(request);
        _requests[request.Id] = request;
        var message = new BroadcastMessage(ns.Name, target with { Timeout = limit < TimeSpan.Zero ? null : limit }, eventName, Capture(arguments), request.Id);
        var asked = _bus.PublishAsync(
            message,
            nodes =>
            {
                ask();
                request.Place(nodes);
            });
        return outgoing is null ? asked : outgoing.TellBehind(asked);
    }

    /// <summary>Nobody waits for the answers any more.</summary>
    public void Forget(ClusterRequest request) => _requests.TryRemove(KeyValuePair.Create(request.Id, request));

    /// <summary>The sockets of all servers.</summary>
    /// <exception cref="TimeoutException">In the task: some have not answered in time.</exception>
    public async Task<IReadOnlyList<RemoteSocket>> FetchAsync(SocketIONamespace ns, BroadcastTarget target, CancellationToken cancellationToken)
    {
        var request = new FetchRequest(NewId());
        List<(EventSocket Socket, string[] Rooms)> here = [];
        var limit = target.Timeout ?? AnswerTime;
        try
        {
            await AskAsync(request, new FetchMessage(ns.Name, target, request.Id), () => here = ns.Adapter.Connected(target), limit, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"{request.Asked - request.Open} of {request.Asked} other servers have said within {limit.TotalSeconds} s which sockets they have."));
        }
        return
        [
            .. here.Select(socket => new RemoteSocket((ServerSocket)socket.Socket, socket.Rooms)),
            .. request.Sockets.Select(socket => new RemoteSocket(ns, socket)),
        ];
    }

    /// <summary>What the other servers say to an event; and how many say nothing.</summary>
    public async Task<(EventArgument[] Answers, int Missing)> EmitWithAckAsync(SocketIONamespace ns, string eventName, object?[] arguments, CancellationToken cancellationToken)
    {
        var request = new ServerSideRequest(NewId());
        try
        {
            await AskAsync(request, new ServerSideMessage(ns.Name, eventName, Capture(arguments), request.Id), null, AnswerTime, cancellationToken);
        }
        catch (TimeoutException)
        {
            // What has come is the answer.
        }
        var answers = request.Answers;
        return (answers, request.Asked - answers.Length);
    }

    /// <summary>The time counts from the place that the question has in the order: until then nobody can answer.</summary>
    private async Task AskAsync(ClusterRequest request, ClusterMessage message, Action? here, TimeSpan limit, CancellationToken cancellationToken)
    {
        _requests[request.Id] = request;
        try
        {
            var published = _bus.PublishAsync(
                message,
                nodes =>
                {
                    here?.Invoke();
                    request.Place(nodes);
                });
            await published.WaitAsync(cancellationToken);
            await request.Done.WaitAsync(limit, Time, cancellationToken);
        }
        finally
        {
            Forget(request);
        }
    }
}

using Holdfast.Recovery;

namespace Holdfast.Cluster;

// Sessions of which one server has not read everything in the log that they share: another one can say how they stand.
internal sealed partial class ClusterNode
{
    /// <summary>A session may have joined and left rooms between the question and its answer. Who does so all the time is asked for no longer.</summary>
    private const int MostQuestions = 3;

    /// <summary>Asks the others how a session stands, and ends when one of them has said so, or none of them can.</summary>
    /// <param name="store">Learns it.</param>
    /// <param name="doubt">The session, and which claim it is held by as far as is known here.</param>
    /// <exception cref="RecoveryUnavailableException">In the task: they can't be asked.</exception>
    public async Task LearnAsync(RecoveryStore store, (string Namespace, string Id, long Fence) doubt)
    {
        for (var asked = 0; asked < MostQuestions && _bus.Others.Count > 0; asked++)
        {
            var request = new SessionRequest(NewId());
            try
            {
                await AskAsync(request, new SessionMessage(doubt.Namespace, doubt.Id, doubt.Fence, request.Id), null, AnswerTime, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                // Those who could have said so are stopped.
            }
            if (request.Known is not { } known || store.TryLearn(known))
                return;
        }
    }

    /// <summary>At the question's place, under the log's lock.</summary>
    private void Tell(ulong from, SessionMessage asked)
    {
        var answer = new SessionAnswerMessage(asked.Namespace, asked.RequestId, _server.Recovery?.Know(asked.Namespace, asked.Id, asked.Fence));
        ThreadPool.UnsafeQueueUserWorkItem(static told => told.Node.Send(told.From, told.Answer), (Node: this, From: from, Answer: answer), preferLocal: false);
    }
}

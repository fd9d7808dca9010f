using System.Collections.Concurrent;
using Holdfast.Diagnostics;
using Holdfast.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Cluster;

/// <summary>
/// The handlers of a namespace for what other servers emit to it. To them it is as if each other server were a client: its events are handled in order and one at a time, and those of two servers side
/// by side. What waits is bounded for each; more is dropped, because a bus can't be asked to wait.
/// </summary>
internal sealed class ServerSideSocket(SocketIONamespace ns) : EventSocket
{
    /// <summary>What an event weighs beside its arguments.</summary>
    private const int Overhead = 256;

    private readonly ConcurrentDictionary<ulong, Line> _lines = new();
    private readonly ConcurrentDictionary<long, (ulong Asker, ServerSideMessage Said)> _questions = new();
    private long _lastQuestion;

    internal override PacketParser Parser => ns.Server.Parser;

    internal override CancellationToken Disconnected => CancellationToken.None;

    private ClusterNode Cluster => ns.Server.Cluster!;

    /// <summary>Puts an event in line; runs nothing.</summary>
    public void Post(ulong from, ServerSideMessage said)
    {
        var line = _lines.GetOrAdd(from, static _ => new Line());
        var weight = Overhead + said.Arguments.Sum(argument => argument.Weight);
        var waiting = Interlocked.Add(ref line.Bytes, weight);
        if (waiting > ns.Server.Options.InboxLimit && waiting > weight)
        {
            Interlocked.Add(ref line.Bytes, -weight);
            Cluster.OnOverflow(from, said);
            return;
        }
        line.Handlers.Add(() => HandleAsync(line, weight, from, said));
        ThreadPool.UnsafeQueueUserWorkItem(static line => line.Handlers.Run(), line, preferLocal: false);
    }

    /// <summary>That server is gone: what it has said is handled, and then nothing is kept of it.</summary>
    public void Forget(ulong node) => _lines.TryRemove(node, out _);

    internal override ValueTask SendAckAsync(long ackId, ReadOnlySpan<object?> arguments, CancellationToken cancellationToken)
    {
        // One value: that is all that an answer of a server has.
        var answer = Parser.Capture(arguments.Length == 0 ? null : arguments[0]);
        if (_questions.TryRemove(ackId, out var question))
            Cluster.Answer(question.Asker, question.Said, answer);
        return default;
    }

    internal override IServiceProvider OpenScope(out IAsyncDisposable? scope)
    {
        var opened = ns.Server.Services.CreateAsyncScope();
        scope = opened;
        return opened.ServiceProvider;
    }

    internal override void OnHandlerFailed(string eventName, Exception exception) => ns.Server.Log.HandlerFailed(exception, ns.Name, eventName);

    internal override void OnArgumentsRejected(string eventName, EventArgumentException exception) => ns.Server.Log.UnfitArguments(ns.Name, eventName, exception.Message);

    // Nobody gets this object but as what events come in on; the other direction is ServerSideEmitAsync.
    internal override Task EmitArgumentsAsync(string eventName, object?[] arguments, CancellationToken cancellationToken) => throw new NotSupportedException();

    internal override Task<EventArguments> EmitArgumentsWithAckAsync(string eventName, object?[] arguments, CancellationToken cancellationToken) => throw new NotSupportedException();

    private async ValueTask HandleAsync(Line line, long weight, ulong from, ServerSideMessage said)
    {
        Interlocked.Add(ref line.Bytes, -weight);
        var ackId = Packet.NoAck;
        if (said.RequestId is not null)
        {
            ackId = Interlocked.Increment(ref _lastQuestion);
            _questions[ackId] = (from, said);
        }
        await DispatchAsync(new Packet(PacketType.Event, ns.Name, ackId, said.EventName, said.Arguments));
        // A handler without a result, or one that has failed: the asker need not wait for the time to be up.
        if (ackId != Packet.NoAck && _questions.TryRemove(ackId, out _))
            Cluster.Answer(from, said, null);
    }

    private sealed class Line
    {
        public long Bytes;

        public HandlerQueue Handlers { get; } = new(int.MaxValue);
    }
}

using Holdfast.Adapters;
using Holdfast.Protocol;

namespace Holdfast;

public abstract partial class Broadcaster
{
    /// <summary>
    /// Emits an event to all matching sockets and collects their answers: until all have answered or the time is up, whichever comes first. A receiver that does not answer is no error,
    /// it is counted in <see cref="BroadcastAcks{T}.Missing"/>.
    /// </summary>
    /// <typeparam name="T">The type of the first value of each acknowledgement.</typeparam>
    /// <param name="eventName">The event's name. The names that the library raises itself are reserved.</param>
    /// <param name="cancellationToken">Ends the wait. The event may arrive all the same.</param>
    /// <returns>The answers, and how many are missing.</returns>
    /// <exception cref="ArgumentException">The name is reserved, or the arguments can't be sent together.</exception>
    public Task<BroadcastAcks<T>> EmitWithAckAsync<T>(string eventName, CancellationToken cancellationToken = default) =>
        EmitWithAckCoreAsync<T>(eventName, [], cancellationToken);

    /// <inheritdoc cref="EmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<BroadcastAcks<T>> EmitWithAckAsync<T>(
        string eventName, object? arg1,
        CancellationToken cancellationToken = default) =>
        EmitWithAckCoreAsync<T>(eventName, [arg1], cancellationToken);

    /// <inheritdoc cref="EmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<BroadcastAcks<T>> EmitWithAckAsync<T>(
        string eventName, object? arg1, object? arg2,
        CancellationToken cancellationToken = default) =>
        EmitWithAckCoreAsync<T>(eventName, [arg1, arg2], cancellationToken);

    /// <inheritdoc cref="EmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<BroadcastAcks<T>> EmitWithAckAsync<T>(
        string eventName, object? arg1, object? arg2, object? arg3,
        CancellationToken cancellationToken = default) =>
        EmitWithAckCoreAsync<T>(eventName, [arg1, arg2, arg3], cancellationToken);

    /// <inheritdoc cref="EmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<BroadcastAcks<T>> EmitWithAckAsync<T>(
        string eventName, object? arg1, object? arg2, object? arg3, object? arg4,
        CancellationToken cancellationToken = default) =>
        EmitWithAckCoreAsync<T>(eventName, [arg1, arg2, arg3, arg4], cancellationToken);

    /// <inheritdoc cref="EmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<BroadcastAcks<T>> EmitWithAckAsync<T>(
        string eventName, object? arg1, object? arg2, object? arg3, object? arg4, object? arg5,
        CancellationToken cancellationToken = default) =>
        EmitWithAckCoreAsync<T>(eventName, [arg1, arg2, arg3, arg4, arg5], cancellationToken);

    /// <inheritdoc cref="EmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<BroadcastAcks<T>> EmitWithAckAsync<T>(
        string eventName, object? arg1, object? arg2, object? arg3, object? arg4, object? arg5, object? arg6,
        CancellationToken cancellationToken = default) =>
        EmitWithAckCoreAsync<T>(eventName, [arg1, arg2, arg3, arg4, arg5, arg6], cancellationToken);

    /// <inheritdoc cref="EmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<BroadcastAcks<T>> EmitWithAckAsync<T>(
        string eventName, object? arg1, object? arg2, object? arg3, object? arg4, object? arg5, object? arg6, object? arg7,
        CancellationToken cancellationToken = default) =>
        EmitWithAckCoreAsync<T>(eventName, [arg1, arg2, arg3, arg4, arg5, arg6, arg7], cancellationToken);

    /// <inheritdoc cref="EmitWithAckAsync{T}(string, CancellationToken)"/>
    public Task<BroadcastAcks<T>> EmitWithAckAsync<T>(
        string eventName, object? arg1, object? arg2, object? arg3, object? arg4, object? arg5, object? arg6, object? arg7, object? arg8,
        CancellationToken cancellationToken = default) =>
        EmitWithAckCoreAsync<T>(eventName, [arg1, arg2, arg3, arg4, arg5, arg6, arg7, arg8], cancellationToken);

    /// <inheritdoc cref="EmitWithAckAsync{T}(string, CancellationToken)"/>
    /// <param name="eventName">The event's name.</param>
    /// <param name="arguments">The arguments, any number of them.</param>
    /// <param name="cancellationToken">Ends the wait. The event may arrive all the same.</param>
    public async Task<BroadcastAcks<T>> EmitWithAckCoreAsync<T>(string eventName, object?[] arguments, CancellationToken cancellationToken = default)
    {
        EventName.ThrowIfNotEmittable(eventName);
        ArgumentNullException.ThrowIfNull(arguments);
        cancellationToken.ThrowIfCancellationRequested();
        var server = Owner;
        var limit = Target.Timeout ?? server.Options.AckTimeout ?? AckTimeouts.Broadcast;
        var answers = new BroadcastAnswers(server.NextAckId());
        IReadOnlyList<EventArguments> received;
        try
        {
            List<Task>? asking = null;
            foreach (var ns in Reach)
            {
                var asked = ns.AskAsync(Target, eventName, arguments, answers, limit);
                if (!asked.IsCompletedSuccessfully)
                    (asking ??= []).Add(asked);
            }
            if (asking is not null)
                await Task.WhenAll(asking).WaitAsync(cancellationToken);
            answers.Close();
            received = await answers.WaitAsync(limit, server.Time, cancellationToken);
        }
        finally
        {
            answers.Forget();
        }

        var responses = new List<T>(received.Count);
        foreach (var answer in received)
        {
            try
            {
                responses.Add(answer.Get<T>(0)!);
            }
            catch (EventArgumentException)
            {
                // What is no T is no answer: it stays missing.
            }
        }
        return new BroadcastAcks<T>(responses, answers.Asked - responses.Count, answers.SilentServers);
    }
}

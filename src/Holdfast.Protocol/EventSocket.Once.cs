using Holdfast.Protocol;

namespace Holdfast;

public abstract partial class EventSocket
{
    /// <summary>Listens to an event until it comes for the first time. The class says how parameters are bound.</summary>
    /// <remarks>
    /// Handlers take up to seven parameters and return nothing, <c>Task</c>, a value or <c>Task</c> of a value. A <c>ValueTask</c> is
    /// refused. A method group needs its type arguments: <c>Once&lt;string&gt;("message", OnMessage)</c>.
    /// </remarks>
    /// <param name="eventName">The event's name. The names that the library raises itself are reserved.</param>
    /// <param name="handler">What to call.</param>
    /// <returns>Ends the registration when disposed of. It may be ignored: listeners end with their socket.</returns>
    /// <exception cref="ArgumentException">The name is reserved, or the handler returns a <c>ValueTask</c>.</exception>
    public IDisposable Once(string eventName, Action handler) =>
        Listen(eventName, handler, HandlerShapes.Run, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once(string eventName, Func<Task> handler) =>
        Listen(eventName, handler, HandlerShapes.RunAsync, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<TResult>(string eventName, Func<TResult> handler) =>
        ListenForResult<TResult>(eventName, handler, HandlerShapes.Answer<TResult>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<TResult>(string eventName, Func<Task<TResult>> handler) =>
        ListenForResult<TResult>(eventName, handler, HandlerShapes.AnswerAsync<TResult>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1>(string eventName, Action<T1> handler) =>
        Listen(eventName, handler, HandlerShapes.Run<T1>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1>(string eventName, Func<T1, Task> handler) =>
        Listen(eventName, handler, HandlerShapes.RunAsync<T1>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, TResult>(string eventName, Func<T1, TResult> handler) =>
        ListenForResult<TResult>(eventName, handler, HandlerShapes.Answer<T1, TResult>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, TResult>(string eventName, Func<T1, Task<TResult>> handler) =>
        ListenForResult<TResult>(eventName, handler, HandlerShapes.AnswerAsync<T1, TResult>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2>(string eventName, Action<T1, T2> handler) =>
        Listen(eventName, handler, HandlerShapes.Run<T1, T2>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2>(string eventName, Func<T1, T2, Task> handler) =>
        Listen(eventName, handler, HandlerShapes.RunAsync<T1, T2>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, TResult>(string eventName, Func<T1, T2, TResult> handler) =>
        ListenForResult<TResult>(eventName, handler, HandlerShapes.Answer<T1, T2, TResult>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, TResult>(string eventName, Func<T1, T2, Task<TResult>> handler) =>
        ListenForResult<TResult>(eventName, handler, HandlerShapes.AnswerAsync<T1, T2, TResult>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3>(string eventName, Action<T1, T2, T3> handler) =>
        Listen(eventName, handler, HandlerShapes.Run<T1, T2, T3>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3>(string eventName, Func<T1, T2, T3, Task> handler) =>
        Listen(eventName, handler, HandlerShapes.RunAsync<T1, T2, T3>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3, TResult>(string eventName, Func<T1, T2, T3, TResult> handler) =>
        ListenForResult<TResult>(eventName, handler, HandlerShapes.Answer<T1, T2, T3, TResult>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3, TResult>(string eventName, Func<T1, T2, T3, Task<TResult>> handler) =>
        ListenForResult<TResult>(eventName, handler, HandlerShapes.AnswerAsync<T1, T2, T3, TResult>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3, T4>(string eventName, Action<T1, T2, T3, T4> handler) =>
        Listen(eventName, handler, HandlerShapes.Run<T1, T2, T3, T4>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3, T4>(string eventName, Func<T1, T2, T3, T4, Task> handler) =>
        Listen(eventName, handler, HandlerShapes.RunAsync<T1, T2, T3, T4>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3, T4, TResult>(string eventName, Func<T1, T2, T3, T4, TResult> handler) =>
        ListenForResult<TResult>(eventName, handler, HandlerShapes.Answer<T1, T2, T3, T4, TResult>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3, T4, TResult>(string eventName, Func<T1, T2, T3, T4, Task<TResult>> handler) =>
        ListenForResult<TResult>(eventName, handler, HandlerShapes.AnswerAsync<T1, T2, T3, T4, TResult>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3, T4, T5>(string eventName, Action<T1, T2, T3, T4, T5> handler) =>
        Listen(eventName, handler, HandlerShapes.Run<T1, T2, T3, T4, T5>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3, T4, T5>(string eventName, Func<T1, T2, T3, T4, T5, Task> handler) =>
        Listen(eventName, handler, HandlerShapes.RunAsync<T1, T2, T3, T4, T5>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3, T4, T5, TResult>(string eventName, Func<T1, T2, T3, T4, T5, TResult> handler) =>
        ListenForResult<TResult>(eventName, handler, HandlerShapes.Answer<T1, T2, T3, T4, T5, TResult>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3, T4, T5, TResult>(string eventName, Func<T1, T2, T3, T4, T5, Task<TResult>> handler) =>
        ListenForResult<TResult>(eventName, handler, HandlerShapes.AnswerAsync<T1, T2, T3, T4, T5, TResult>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3, T4, T5, T6>(string eventName, Action<T1, T2, T3, T4, T5, T6> handler) =>
        Listen(eventName, handler, HandlerShapes.Run<T1, T2, T3, T4, T5, T6>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3, T4, T5, T6>(string eventName, Func<T1, T2, T3, T4, T5, T6, Task> handler) =>
        Listen(eventName, handler, HandlerShapes.RunAsync<T1, T2, T3, T4, T5, T6>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3, T4, T5, T6, TResult>(string eventName, Func<T1, T2, T3, T4, T5, T6, TResult> handler) =>
        ListenForResult<TResult>(eventName, handler, HandlerShapes.Answer<T1, T2, T3, T4, T5, T6, TResult>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3, T4, T5, T6, TResult>(string eventName, Func<T1, T2, T3, T4, T5, T6, Task<TResult>> handler) =>
        ListenForResult<TResult>(eventName, handler, HandlerShapes.AnswerAsync<T1, T2, T3, T4, T5, T6, TResult>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3, T4, T5, T6, T7>(string eventName, Action<T1, T2, T3, T4, T5, T6, T7> handler) =>
        Listen(eventName, handler, HandlerShapes.Run<T1, T2, T3, T4, T5, T6, T7>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3, T4, T5, T6, T7>(string eventName, Func<T1, T2, T3, T4, T5, T6, T7, Task> handler) =>
        Listen(eventName, handler, HandlerShapes.RunAsync<T1, T2, T3, T4, T5, T6, T7>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3, T4, T5, T6, T7, TResult>(string eventName, Func<T1, T2, T3, T4, T5, T6, T7, TResult> handler) =>
        ListenForResult<TResult>(eventName, handler, HandlerShapes.Answer<T1, T2, T3, T4, T5, T6, T7, TResult>, once: true);

    /// <inheritdoc cref="Once(string, Action)"/>
    public IDisposable Once<T1, T2, T3, T4, T5, T6, T7, TResult>(
        string eventName, Func<T1, T2, T3, T4, T5, T6, T7, Task<TResult>> handler) =>
        ListenForResult<TResult>(eventName, handler, HandlerShapes.AnswerAsync<T1, T2, T3, T4, T5, T6, T7, TResult>, once: true);
}

using Holdfast.Protocol;

namespace Holdfast;

public abstract partial class EventSocket
{
    /// <summary>Listens to a typed event.</summary>
    /// <typeparam name="T">The type of the event's argument.</typeparam>
    /// <param name="socketEvent">The event.</param>
    /// <param name="handler">What to call.</param>
    /// <returns>Ends the registration when disposed of. It may be ignored: listeners end with their socket.</returns>
    /// <exception cref="ArgumentException">The event's name is reserved, or the handler returns a <c>ValueTask</c>.</exception>
    public IDisposable On<T>(SocketEvent<T> socketEvent, Action<T> handler) =>
        Listen(socketEvent.Name, handler, HandlerShapes.Run<T>, once: false);

    /// <inheritdoc cref="On{T}(SocketEvent{T}, Action{T})"/>
    public IDisposable On<T>(SocketEvent<T> socketEvent, Func<T, Task> handler) =>
        Listen(socketEvent.Name, handler, HandlerShapes.RunAsync<T>, once: false);

    /// <inheritdoc cref="On{T}(SocketEvent{T}, Action{T})"/>
    public IDisposable On<T, TResult>(SocketEvent<T> socketEvent, Func<T, TResult> handler) =>
        ListenForResult<TResult>(socketEvent.Name, handler, HandlerShapes.Answer<T, TResult>, once: false);

    /// <inheritdoc cref="On{T}(SocketEvent{T}, Action{T})"/>
    public IDisposable On<T, TResult>(SocketEvent<T> socketEvent, Func<T, Task<TResult>> handler) =>
        ListenForResult<TResult>(socketEvent.Name, handler, HandlerShapes.AnswerAsync<T, TResult>, once: false);

    /// <inheritdoc cref="On{T}(SocketEvent{T}, Action{T})"/>
    public IDisposable On<T>(SocketEvent<T> socketEvent, Action<T, EventContext> handler) =>
        Listen(socketEvent.Name, handler, HandlerShapes.Run<T, EventContext>, once: false);

    /// <inheritdoc cref="On{T}(SocketEvent{T}, Action{T})"/>
    public IDisposable On<T>(SocketEvent<T> socketEvent, Func<T, EventContext, Task> handler) =>
        Listen(socketEvent.Name, handler, HandlerShapes.RunAsync<T, EventContext>, once: false);

    /// <inheritdoc cref="On{T}(SocketEvent{T}, Action{T})"/>
    public IDisposable On<T, TResult>(SocketEvent<T> socketEvent, Func<T, EventContext, TResult> handler) =>
        ListenForResult<TResult>(socketEvent.Name, handler, HandlerShapes.Answer<T, EventContext, TResult>, once: false);

    /// <inheritdoc cref="On{T}(SocketEvent{T}, Action{T})"/>
    public IDisposable On<T, TResult>(SocketEvent<T> socketEvent, Func<T, EventContext, Task<TResult>> handler) =>
        ListenForResult<TResult>(socketEvent.Name, handler, HandlerShapes.AnswerAsync<T, EventContext, TResult>, once: false);

    /// <summary>Listens to a typed event until it comes for the first time.</summary>
    /// <typeparam name="T">The type of the event's argument.</typeparam>
    /// <param name="socketEvent">The event.</param>
    /// <param name="handler">What to call.</param>
    /// <returns>Ends the registration when disposed of. It may be ignored: listeners end with their socket.</returns>
    /// <exception cref="ArgumentException">The event's name is reserved, or the handler returns a <c>ValueTask</c>.</exception>
    public IDisposable Once<T>(SocketEvent<T> socketEvent, Action<T> handler) =>
        Listen(socketEvent.Name, handler, HandlerShapes.Run<T>, once: true);

    /// <inheritdoc cref="Once{T}(SocketEvent{T}, Action{T})"/>
    public IDisposable Once<T>(SocketEvent<T> socketEvent, Func<T, Task> handler) =>
        Listen(socketEvent.Name, handler, HandlerShapes.RunAsync<T>, once: true);

    /// <inheritdoc cref="Once{T}(SocketEvent{T}, Action{T})"/>
    public IDisposable Once<T, TResult>(SocketEvent<T> socketEvent, Func<T, TResult> handler) =>
        ListenForResult<TResult>(socketEvent.Name, handler, HandlerShapes.Answer<T, TResult>, once: true);

    /// <inheritdoc cref="Once{T}(SocketEvent{T}, Action{T})"/>
    public IDisposable Once<T, TResult>(SocketEvent<T> socketEvent, Func<T, Task<TResult>> handler) =>
        ListenForResult<TResult>(socketEvent.Name, handler, HandlerShapes.AnswerAsync<T, TResult>, once: true);

    /// <inheritdoc cref="Once{T}(SocketEvent{T}, Action{T})"/>
    public IDisposable Once<T>(SocketEvent<T> socketEvent, Action<T, EventContext> handler) =>
        Listen(socketEvent.Name, handler, HandlerShapes.Run<T, EventContext>, once: true);

    /// <inheritdoc cref="Once{T}(SocketEvent{T}, Action{T})"/>
    public IDisposable Once<T>(SocketEvent<T> socketEvent, Func<T, EventContext, Task> handler) =>
        Listen(socketEvent.Name, handler, HandlerShapes.RunAsync<T, EventContext>, once: true);

    /// <inheritdoc cref="Once{T}(SocketEvent{T}, Action{T})"/>
    public IDisposable Once<T, TResult>(SocketEvent<T> socketEvent, Func<T, EventContext, TResult> handler) =>
        ListenForResult<TResult>(socketEvent.Name, handler, HandlerShapes.Answer<T, EventContext, TResult>, once: true);

    /// <inheritdoc cref="Once{T}(SocketEvent{T}, Action{T})"/>
    public IDisposable Once<T, TResult>(SocketEvent<T> socketEvent, Func<T, EventContext, Task<TResult>> handler) =>
        ListenForResult<TResult>(socketEvent.Name, handler, HandlerShapes.AnswerAsync<T, EventContext, TResult>, once: true);
}

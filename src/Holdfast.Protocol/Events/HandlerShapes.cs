// How a handler of each form is called: decode the parameters from left to right, call, answer with the result. The forms differ in the
// number of parameters and in what comes back; there are 32 because C# has no generics over the number of type parameters.

namespace Holdfast.Protocol;

internal static class HandlerShapes
{
    public static ValueTask Run(Delegate handler, EventContext context)
    {
        ((Action)handler)();
        return default;
    }

    public static ValueTask RunAsync(Delegate handler, EventContext context) =>
        new ValueTask(((Func<Task>)handler)());

    public static ValueTask Answer<TResult>(Delegate handler, EventContext context) =>
        context.ReplyAsync(((Func<TResult>)handler)());

    public static ValueTask AnswerAsync<TResult>(Delegate handler, EventContext context) =>
        context.ReplyAsync(((Func<Task<TResult>>)handler)());

    public static ValueTask Run<T1>(Delegate handler, EventContext context)
    {
        var at = 0;
        ((Action<T1>)handler)(context.Next<T1>(ref at));
        return default;
    }

    public static ValueTask RunAsync<T1>(Delegate handler, EventContext context)
    {
        var at = 0;
        return new ValueTask(((Func<T1, Task>)handler)(context.Next<T1>(ref at)));
    }

    public static ValueTask Answer<T1, TResult>(Delegate handler, EventContext context)
    {
        var at = 0;
        return context.ReplyAsync(((Func<T1, TResult>)handler)(context.Next<T1>(ref at)));
    }

    public static ValueTask AnswerAsync<T1, TResult>(Delegate handler, EventContext context)
    {
        var at = 0;
        return context.ReplyAsync(((Func<T1, Task<TResult>>)handler)(context.Next<T1>(ref at)));
    }

    public static ValueTask Run<T1, T2>(Delegate handler, EventContext context)
    {
        var at = 0;
        ((Action<T1, T2>)handler)(context.Next<T1>(ref at), context.Next<T2>(ref at));
        return default;
    }

    public static ValueTask RunAsync<T1, T2>(Delegate handler, EventContext context)
    {
        var at = 0;
        return new ValueTask(((Func<T1, T2, Task>)handler)(context.Next<T1>(ref at), context.Next<T2>(ref at)));
    }

    public static ValueTask Answer<T1, T2, TResult>(Delegate handler, EventContext context)
    {
        var at = 0;
        return context.ReplyAsync(((Func<T1, T2, TResult>)handler)(context.Next<T1>(ref at), context.Next<T2>(ref at)));
    }

    public static ValueTask AnswerAsync<T1, T2, TResult>(Delegate handler, EventContext context)
    {
        var at = 0;
        return context.ReplyAsync(((Func<T1, T2, Task<TResult>>)handler)(context.Next<T1>(ref at), context.Next<T2>(ref at)));
    }

    public static ValueTask Run<T1, T2, T3>(Delegate handler, EventContext context)
    {
        var at = 0;
        ((Action<T1, T2, T3>)handler)(context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at));
        return default;
    }

    public static ValueTask RunAsync<T1, T2, T3>(Delegate handler, EventContext context)
    {
        var at = 0;
        return new ValueTask(((Func<T1, T2, T3, Task>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at)));
    }

    public static ValueTask Answer<T1, T2, T3, TResult>(Delegate handler, EventContext context)
    {
        var at = 0;
        return context.ReplyAsync(((Func<T1, T2, T3, TResult>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at)));
    }

    public static ValueTask AnswerAsync<T1, T2, T3, TResult>(Delegate handler, EventContext context)
    {
        var at = 0;
        return context.ReplyAsync(((Func<T1, T2, T3, Task<TResult>>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at)));
    }

    public static ValueTask Run<T1, T2, T3, T4>(Delegate handler, EventContext context)
    {
        var at = 0;
        ((Action<T1, T2, T3, T4>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at), context.Next<T4>(ref at));
        return default;
    }

    public static ValueTask RunAsync<T1, T2, T3, T4>(Delegate handler, EventContext context)
    {
        var at = 0;
        return new ValueTask(((Func<T1, T2, T3, T4, Task>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at), context.Next<T4>(ref at)));
    }

    public static ValueTask Answer<T1, T2, T3, T4, TResult>(Delegate handler, EventContext context)
    {
        var at = 0;
        return context.ReplyAsync(((Func<T1, T2, T3, T4, TResult>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at), context.Next<T4>(ref at)));
    }

    public static ValueTask AnswerAsync<T1, T2, T3, T4, TResult>(Delegate handler, EventContext context)
    {
        var at = 0;
        return context.ReplyAsync(((Func<T1, T2, T3, T4, Task<TResult>>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at), context.Next<T4>(ref at)));
    }

    public static ValueTask Run<T1, T2, T3, T4, T5>(Delegate handler, EventContext context)
    {
        var at = 0;
        ((Action<T1, T2, T3, T4, T5>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at), context.Next<T4>(ref at),
            context.Next<T5>(ref at));
        return default;
    }

    public static ValueTask RunAsync<T1, T2, T3, T4, T5>(Delegate handler, EventContext context)
    {
        var at = 0;
        return new ValueTask(((Func<T1, T2, T3, T4, T5, Task>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at), context.Next<T4>(ref at),
            context.Next<T5>(ref at)));
    }

    public static ValueTask Answer<T1, T2, T3, T4, T5, TResult>(Delegate handler, EventContext context)
    {
        var at = 0;
        return context.ReplyAsync(((Func<T1, T2, T3, T4, T5, TResult>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at), context.Next<T4>(ref at),
            context.Next<T5>(ref at)));
    }

    public static ValueTask AnswerAsync<T1, T2, T3, T4, T5, TResult>(Delegate handler, EventContext context)
    {
        var at = 0;
        return context.ReplyAsync(((Func<T1, T2, T3, T4, T5, Task<TResult>>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at), context.Next<T4>(ref at),
            context.Next<T5>(ref at)));
    }

    public static ValueTask Run<T1, T2, T3, T4, T5, T6>(Delegate handler, EventContext context)
    {
        var at = 0;
        ((Action<T1, T2, T3, T4, T5, T6>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at), context.Next<T4>(ref at),
            context.Next<T5>(ref at), context.Next<T6>(ref at));
        return default;
    }

    public static ValueTask RunAsync<T1, T2, T3, T4, T5, T6>(Delegate handler, EventContext context)
    {
        var at = 0;
        return new ValueTask(((Func<T1, T2, T3, T4, T5, T6, Task>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at), context.Next<T4>(ref at),
            context.Next<T5>(ref at), context.Next<T6>(ref at)));
    }

    public static ValueTask Answer<T1, T2, T3, T4, T5, T6, TResult>(Delegate handler, EventContext context)
    {
        var at = 0;
        return context.ReplyAsync(((Func<T1, T2, T3, T4, T5, T6, TResult>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at), context.Next<T4>(ref at),
            context.Next<T5>(ref at), context.Next<T6>(ref at)));
    }

    public static ValueTask AnswerAsync<T1, T2, T3, T4, T5, T6, TResult>(Delegate handler, EventContext context)
    {
        var at = 0;
        return context.ReplyAsync(((Func<T1, T2, T3, T4, T5, T6, Task<TResult>>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at), context.Next<T4>(ref at),
            context.Next<T5>(ref at), context.Next<T6>(ref at)));
    }

    public static ValueTask Run<T1, T2, T3, T4, T5, T6, T7>(Delegate handler, EventContext context)
    {
        var at = 0;
        ((Action<T1, T2, T3, T4, T5, T6, T7>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at), context.Next<T4>(ref at),
            context.Next<T5>(ref at), context.Next<T6>(ref at), context.Next<T7>(ref at));
        return default;
    }

    public static ValueTask RunAsync<T1, T2, T3, T4, T5, T6, T7>(Delegate handler, EventContext context)
    {
        var at = 0;
        return new ValueTask(((Func<T1, T2, T3, T4, T5, T6, T7, Task>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at), context.Next<T4>(ref at),
            context.Next<T5>(ref at), context.Next<T6>(ref at), context.Next<T7>(ref at)));
    }

    public static ValueTask Answer<T1, T2, T3, T4, T5, T6, T7, TResult>(Delegate handler, EventContext context)
    {
        var at = 0;
        return context.ReplyAsync(((Func<T1, T2, T3, T4, T5, T6, T7, TResult>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at), context.Next<T4>(ref at),
            context.Next<T5>(ref at), context.Next<T6>(ref at), context.Next<T7>(ref at)));
    }

    public static ValueTask AnswerAsync<T1, T2, T3, T4, T5, T6, T7, TResult>(Delegate handler, EventContext context)
    {
        var at = 0;
        return context.ReplyAsync(((Func<T1, T2, T3, T4, T5, T6, T7, Task<TResult>>)handler)(
            context.Next<T1>(ref at), context.Next<T2>(ref at), context.Next<T3>(ref at), context.Next<T4>(ref at),
            context.Next<T5>(ref at), context.Next<T6>(ref at), context.Next<T7>(ref at)));
    }
}

namespace Holdfast;

public sealed partial class EventContext
{
    /// <summary>Replaces all arguments, for everybody who handles this event from now on. Meant for middlewares.</summary>
    /// <remarks>
    /// <para>Values are serialised before the call returns; an <see cref="EventArgument"/> stays the bytes that it is. To change some and leave the
    /// others as they came, begin with the <see cref="EventArguments.ToArray"/> of <see cref="Arguments"/>.</para>
    /// <para>Binary values are kept as they are. Not thread-safe: the handlers of an event run one after the other.</para>
    /// </remarks>
    /// <param name="arguments">The arguments: each element of the array is one.</param>
    public void ReplaceArguments(object?[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var replaced = new EventArgument[arguments.Length];
        for (var i = 0; i < replaced.Length; i++)
        {
            replaced[i] = Capture(arguments[i]);
        }

        Arguments = new EventArguments(replaced);
    }

    /// <summary>Replaces one argument, and leaves the others as they came.</summary>
    /// <param name="index">Its position, from 0.</param>
    /// <param name="value">What stands there from now on. It is serialised before the call returns.</param>
    /// <exception cref="ArgumentOutOfRangeException">The event has fewer arguments.</exception>
    public void ReplaceArgument(int index, object? value)
    {
        _ = Arguments[index];
        EventArgument[] replaced = [.. Arguments];
        replaced[index] = Capture(value);
        Arguments = new EventArguments(replaced);
    }

    private EventArgument Capture(object? value) => value is EventArgument received ? received : Owner.Parser.Capture(value);
}

namespace Holdfast.Protocol;

/// <summary>
/// An event on its way out, for the sockets among its receivers that listen to what goes out. It is noted for each of them in the step in
/// which the event takes its place in the order, and told when the locks of that step have been left.
/// </summary>
internal sealed class OutgoingEvent
{
    private readonly Lazy<OutgoingEvent?>? _read;
    private List<OutgoingLine>? _lines;

    /// <summary>One that has been encoded elsewhere.</summary>
    /// <param name="read">Reads it when somebody is told of it, outside of all locks; null: it can't be read. Must not throw.</param>
    public OutgoingEvent(Func<OutgoingEvent?> read)
    {
        _read = new Lazy<OutgoingEvent?>(read);
        Name = "";
        Arguments = [];
    }

    public OutgoingEvent(string name, object?[] arguments)
    {
        // A copy: the array is the caller's, who may use it again as soon as the emit returns.
        var copy = new object?[arguments.Length];
        for (var i = 0; i < copy.Length; i++)
        {
            copy[i] = arguments[i] is DeclaredArgument declared ? declared.Value : arguments[i];
        }

        Name = name;
        Arguments = Array.AsReadOnly(copy);
    }

    /// <summary>The same with its name and arguments, however it came here. Null: nobody is told of it.</summary>
    public OutgoingEvent? Known => _read is null ? this : _read.Value;

    public string Name { get; }

    public IReadOnlyList<object?> Arguments { get; }

    /// <summary>Runs nobody's code: it may be called under a lock.</summary>
    public void For(EventSocket? socket)
    {
        if (socket?.Outgoing is { Listeners.IsEmpty: false } line)
        {
            line.Add(this);
            (_lines ??= []).Add(line);
        }
    }

    /// <summary>Calls the listeners when the event has its place in the order. Outside of all locks.</summary>
    public Task TellBehind(Task happened)
    {
        if (!happened.IsCompletedSuccessfully)
        {
            return WaitAsync();
        }

        Tell();
        return happened;

        async Task WaitAsync()
        {
            await happened;
            Tell();
        }
    }

    /// <summary>Calls the listeners. Outside of all locks.</summary>
    public void Tell()
    {
        if (_lines is not null)
        {
            foreach (var line in _lines)
            {
                line.Run();
            }
        }
    }
}

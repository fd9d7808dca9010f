namespace Holdfast;

// What a namespace is that belongs to a parent: it has been made by the first who came, and may go with the last.
public sealed partial class SocketIONamespace
{
    private volatile TaskCompletionSource? _announcing;
    private volatile bool _isRemoved;

    /// <summary>The parent that it is a child of; null for a namespace that stands for itself.</summary>
    public ParentNamespace? Parent { get; }

    /// <summary>It goes when nobody is left in it.</summary>
    internal bool IsTransient => Parent is not null && Server.Options.CleanupEmptyChildNamespaces;

    /// <summary>How many clients are on the way into it. Guarded by the lock of the table of namespaces, which removes it.</summary>
    internal int Arrivals { get; set; }

    /// <summary>Written under the same lock.</summary>
    internal bool IsRemoved
    {
        get => _isRemoved;
        set => _isRemoved = value;
    }

    /// <summary>Set while the application is being told of this new namespace.</summary>
    internal TaskCompletionSource? Announcing
    {
        get => _announcing;
        set => _announcing = value;
    }

    // Whoever kept a reference means the name: the child that has it now, if there is one.
    private SocketIONamespace[] Successor => Server.Namespaces.Find(Name) is { } successor ? successor._self : [];

    /// <summary>Lets a client in or refuses it, and never throws. A client that has not made this namespace waits until the application has been told of it, and may have registered middlewares.</summary>
    internal Task AdmitAsync(ServerSocket socket) => _announcing is null && !IsTransient ? ConnectAsync(socket) : AdmitToChildAsync(socket);

    private async Task AdmitToChildAsync(ServerSocket socket)
    {
        if (_announcing is { } announcing)
            await announcing.Task;
        try
        {
            await ConnectAsync(socket);
        }
        finally
        {
            Server.Namespaces.Leave(this);
        }
    }

    void Recovery.ISessionEvents.OnEnded()
    {
        if (IsTransient)
            Server.Namespaces.CleanUp(this);
    }

    private void TakeHandlers(SocketIONamespace template)
    {
        lock (template._registration)
        {
            _middlewares = template._middlewares;
            _connectionHandlers = template._connectionHandlers;
            _recoveringHandlers = template._recoveringHandlers;
            _parkedHandlers = template._parkedHandlers;
            _resumedHandlers = template._resumedHandlers;
            _expiredHandlers = template._expiredHandlers;
            if (template.Adapter.Watch is { } watch)
                Adapter.Watch = watch.Copy(OnRoomHandlerFailed);
        }
    }
}

namespace Holdfast;

/// <summary>What an <see cref="EventContext"/> has on a server.</summary>
public static class ServerEventContextExtensions
{
    extension(EventContext context)
    {
        /// <summary>The socket that the event came in on.</summary>
        /// <exception cref="InvalidOperationException">It came from another server, not from a client.</exception>
        public ServerSocket Socket => context.Owner as ServerSocket ?? throw new InvalidOperationException("This event came from another server of the cluster, not from a client: it has no socket.");
    }
}

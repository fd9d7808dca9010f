namespace Holdfast;

/// <summary>What an <see cref="EventContext"/> has on a server.</summary>
public static class ServerEventContextExtensions
{
    extension(EventContext context)
    {
        /// <summary>The socket that the event came in on.</summary>
        public ServerSocket Socket => (ServerSocket)context.Owner;
    }
}

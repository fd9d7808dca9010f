namespace Holdfast;

public sealed partial class ServerSocket
{
    /// <summary>The connection below, which the sockets of one client share. A client that comes back with its session comes back on another one.</summary>
    public EngineSocket Connection => _connection.Engine.Socket;
}

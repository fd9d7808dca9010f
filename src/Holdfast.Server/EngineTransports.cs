namespace Holdfast;

/// <summary>The transports that a session may use.</summary>
[Flags]
public enum EngineTransports
{
    /// <summary>No transport; refused by the options' validation.</summary>
    None = 0,

    /// <summary>HTTP long-polling: one GET waits for messages, each POST carries some.</summary>
    Polling = 1,

    /// <summary>WebSocket, directly or as the upgrade of a polling session.</summary>
    WebSocket = 2,

    /// <summary>Both, with the upgrade between them.</summary>
    All = Polling | WebSocket,
}

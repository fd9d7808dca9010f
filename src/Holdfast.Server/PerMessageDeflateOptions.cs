namespace Holdfast;

/// <summary>How WebSocket messages are compressed.</summary>
public sealed class PerMessageDeflateOptions
{
    /// <summary>Messages of fewer bytes are sent as they are. Default 1024; at least 0.</summary>
    public int Threshold { get; set; } = 1024;

    /// <summary>
    /// The logarithm of the window in which the server looks for repetitions: 9 to 15, default 15. One less halves what a connection keeps for it, and finds less.
    /// </summary>
    public int ServerMaxWindowBits { get; set; } = 15;

    /// <summary>
    /// Whether a message may refer to those before it: fewer bytes for messages that are alike, at the price of a window in memory for each connection, and of messages that tell about each other by their lengths. Default false.
    /// </summary>
    public bool ServerContextTakeover { get; set; }

    internal IEnumerable<string> Faults()
    {
        if (Threshold < 0)
        {
            yield return $"{nameof(EngineIOOptions.PerMessageDeflate)}.{nameof(Threshold)} is {Threshold}: it must be at least 0 bytes.";
        }

        if (ServerMaxWindowBits is < 9 or > 15)
        {
            yield return $"{nameof(EngineIOOptions.PerMessageDeflate)}.{nameof(ServerMaxWindowBits)} is {ServerMaxWindowBits}: it must be between 9 and 15.";
        }
    }
}

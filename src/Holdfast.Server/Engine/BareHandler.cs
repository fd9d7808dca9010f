namespace Holdfast.Engine;

/// <summary>Nothing sits on top of the sessions of a bare endpoint: all that they say goes to those who listen to them.</summary>
internal sealed class BareHandler : SessionHandler
{
    public static readonly BareHandler Instance = new();

    public override ValueTask OnMessageAsync(ReadOnlyMemory<byte> message, bool isBinary) => ValueTask.CompletedTask;

    public override void OnClosed(CloseReason reason, string? description)
    {
    }
}

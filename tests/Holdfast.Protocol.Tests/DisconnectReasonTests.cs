namespace Holdfast.Protocol.Tests;

public sealed class DisconnectReasonTests
{
    public static TheoryData<DisconnectReason, string, bool> Reasons => new()
    {
        { DisconnectReason.ServerNamespaceDisconnect, "server namespace disconnect", false },
        { DisconnectReason.ClientNamespaceDisconnect, "client namespace disconnect", false },
        { DisconnectReason.ServerShuttingDown, "server shutting down", true },
        { DisconnectReason.PingTimeout, "ping timeout", true },
        { DisconnectReason.TransportClose, "transport close", true },
        { DisconnectReason.TransportError, "transport error", true },
        { DisconnectReason.ParseError, "parse error", false },
        { DisconnectReason.ForcedClose, "forced close", true },
        { DisconnectReason.ForcedServerClose, "forced server close", true },
        { DisconnectReason.IoServerDisconnect, "io server disconnect", false },
        { DisconnectReason.IoClientDisconnect, "io client disconnect", false },
        { default, "", false },
    };

    [Theory]
    [MemberData(nameof(Reasons))]
    public void A_reason_is_its_wire_word(DisconnectReason reason, string word, bool recoverable)
    {
        Assert.Equal(word, reason.ToString());
        Assert.Equal(word, $"{reason}");
        Assert.Equal(recoverable, reason.IsRecoverable);
    }

    [Fact]
    public void Reasons_are_values()
    {
        Assert.True(DisconnectReason.PingTimeout == DisconnectReason.PingTimeout);
        Assert.NotEqual(DisconnectReason.PingTimeout, DisconnectReason.TransportClose);
        Assert.Equal(DisconnectReason.TransportClose, new SocketDisconnectedException(DisconnectReason.TransportClose).Reason);
    }
}

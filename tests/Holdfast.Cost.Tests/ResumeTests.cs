using Holdfast.Testing;

namespace Holdfast.Cost.Tests;

/// <summary>A client that is cut and comes back: what it costs beside what its connection costs anybody, and that neither what the log holds nor what others missed is part of it.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly OfflineServer _server = OfflineServer.WithRecovery();

    [Theory]
    [InlineData(0)]
    [InlineData(1_000)]
    [InlineData(50_000)]
    public void With_nothing_missed_whatever_the_log_holds(int older)
    {
        Emit(older, "elsewhere");

        Cost.Is(2_784, Resume(missed: 0));
    }

    [Fact]
    public void With_nothing_missed_whatever_was_sent_to_others_meanwhile()
    {
        var client = Ready();

        Cost.Is(2_784, Cost.OfPrepared(
            () =>
            {
                client.Cut();
                Emit(5_000, "elsewhere");
                return client.ComingBack();
            },
            connect => ComeBack(client, connect, 0),
            operations: 5));
    }

    [Theory]
    [InlineData(1, 3_024)]
    [InlineData(100, 3_816)]
    [InlineData(1_000, 11_016)]
    public void With_events_missed(int missed, long stated)
    {
        Cost.Is(stated, Resume(missed));
    }

    [Fact]
    public void Per_missed_event()
    {
        // A reference in the list of what was promised.
        Cost.Is(8, (Resume(1_000) - Resume(500)) / 500);
    }

    public void Dispose() => _server.Dispose();

    private OfflineClient Ready()
    {
        var client = _server.Connect();
        _server.Io.EmitAsync("e", "text");
        client.Read();
        return client;
    }

    private void Emit(int count, string room)
    {
        var other = _server.Connect();
        other.Socket.JoinAsync(room);
        var target = _server.Io.To(room);
        for (var i = 0; i < count; i++)
        {
            target.EmitAsync("e", "text");
            other.Read();
        }
    }

    private long Resume(int missed)
    {
        var client = Ready();
        return Cost.OfPrepared(
            () =>
            {
                client.Cut();
                for (var i = 0; i < missed; i++)
                    _server.Io.EmitAsync("e", "text");
                return client.ComingBack();
            },
            connect => ComeBack(client, connect, missed),
            operations: 10);
    }

    // Not asserted: an assertion would be part of what is measured.
    private static void ComeBack(OfflineClient client, byte[] connect, int missed)
    {
        if (client.ComeBack(connect) != missed)
            throw new InvalidOperationException("Not what was missed.");
    }
}

using Holdfast.Engine;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Engine;

public class OutboxTests
{
    [Fact]
    public async Task A_client_that_doesnt_read_fills_its_outbox_and_no_more()
    {
        await using var host = await EngineHost.StartAsync(options => options.OutboxLimit = 10_000);
        var (id, session) = await host.OpenPollingAsync();
        for (var i = 0; i < 10; i++)
        {
            Assert.True(session.Session.TrySend(Packets.Sized(1000)));
        }

        Assert.False(session.Session.TrySend(Packets.Sized(1000)));
        Assert.False(session.Session.TrySend(Packets.Sized(1)));

        Assert.Equal((10 * 1000) + 9, (await host.PollAsync(id)).Body.Length);
        await Waiting.Until(() => session.Session.TrySend(Packets.Text("room again")));
    }

    [Fact]
    public async Task A_WebSocket_client_that_doesnt_read_fills_its_outbox_and_no_more()
    {
        await using var host = await EngineHost.StartAsync(options => options.OutboxLimit = 1_000_000);
        using var raw = await WebSocketTests.OpenRawAsync(host);
        var session = await host.NextSessionAsync();

        // The gate keeps the writer from taking bytes off the count in between.
        lock (session.Session.Gate)
        {
            while (session.Session.TrySend(Packets.Sized(100_000)))
            {
            }

            Assert.InRange(session.Session.UnsentBytes, 1_000_000, 1_100_000);
            Assert.False(session.Session.TrySend(Packets.Sized(1)));
        }

        session.Session.Discard(CloseReason.ForcedClose, "slow consumer");
        Assert.Equal("forced close: slow consumer", await session.Closed);
    }

    [Fact]
    public async Task Those_in_line_proceed_in_order_and_nobody_passes_them()
    {
        await using var host = await EngineHost.StartAsync(options => options.OutboxLimit = 100);
        var (id, session) = await host.OpenPollingAsync();
        Assert.True(session.Session.TrySend(Packets.Sized(100)));
        var order = new List<string>();
        var turns = Enumerable.Range(0, 5).Select(i => new Turn(session.Session, $"turn {i}", order)).ToList();
        turns.ForEach(session.Session.WhenRoom);

        Assert.False(session.Session.TrySend(Packets.Text("passes")));
        var received = new List<string>();
        await host.PollAsync(id);
        while (received.Count < 5)
        {
            received.AddRange((await host.PollAsync(id)).Body.Split('\u001e'));
        }

        Assert.All(turns, turn => Assert.True(turn is { Sent: true, OtherPassed: false }));
        Assert.Equal(["turn 0", "turn 1", "turn 2", "turn 3", "turn 4"], order);
        Assert.Equal(["4turn 0", "4turn 1", "4turn 2", "4turn 3", "4turn 4"], received);
        await Waiting.Until(() => session.Session.TrySend(Packets.Text("free")));
    }

    [Fact]
    public async Task A_wait_that_begins_when_there_is_room_again_is_over_soon()
    {
        await using var host = await EngineHost.StartAsync();
        var (_, session) = await host.OpenPollingAsync();
        var turn = new Turn(session.Session, "a", []);

        session.Session.WhenRoom(turn);

        await turn.Done.Within();
        Assert.True(turn.Sent);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Those_in_line_are_abandoned_when_the_session_closes(bool before)
    {
        await using var host = await EngineHost.StartAsync(options => options.OutboxLimit = 100);
        var (_, session) = await host.OpenPollingAsync();
        await Waiting.Until(() => session.Session.UnsentBytes == 0); // the client may have read the handshake before its write has come back
        Assert.True(session.Session.TrySend(Packets.Sized(100)));
        var turns = Enumerable.Range(0, 3).Select(i => new Turn(session.Session, $"turn {i}", [])).ToList();

        if (before)
        {
            session.Session.Discard(CloseReason.ForcedClose);
        }

        turns.ForEach(session.Session.WhenRoom);
        session.Session.Discard(CloseReason.ForcedClose);

        await Task.WhenAll(turns.Select(turn => turn.Done)).Within();
        Assert.All(turns, turn => Assert.False(turn.Sent));
    }

    [Fact]
    public async Task Draining_can_be_waited_for()
    {
        await using var host = await EngineHost.StartAsync();
        var (id, session) = await host.OpenPollingAsync();
        Assert.True(session.Session.TrySend(Packets.Sized(1000)));

        var drained = session.Session.WaitForDrainAsync(0, CancellationToken.None).AsTask();
        using var cancel = new CancellationTokenSource();
        var cancelled = session.Session.WaitForDrainAsync(0, cancel.Token).AsTask();
        await session.Session.WaitForDrainAsync(1000, CancellationToken.None).Within();
        Assert.False(drained.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Within());

        await host.PollAsync(id);
        await drained.Within();

        Assert.True(session.Session.TrySend(Packets.Sized(1000)));
        var closed = session.Session.WaitForDrainAsync(0, CancellationToken.None).AsTask();
        session.Session.Discard(CloseReason.ForcedClose);
        await closed.Within();
    }

    [Fact]
    public void The_ring_keeps_the_order_of_a_list()
    {
        var random = new Random(7);
        var outbox = default(Outbox);
        var model = new LinkedList<EncodedPacket>();
        for (var i = 0; i < 20_000; i++)
        {
            var packet = Packets.Text("x");
            switch (random.Next(i / 1000 % 2 == 0 ? 4 : 6))
            {
                case 0 or 1:
                    outbox.Enqueue(packet);
                    model.AddLast(packet);
                    break;
                case 2:
                    outbox.PushFront(packet);
                    model.AddFirst(packet);
                    break;
                case var _ when model.Count > 0:
                    Assert.Same(model.First!.Value, outbox.Peek());
                    Assert.Same(model.First!.Value, outbox.Dequeue());
                    model.RemoveFirst();
                    break;
            }

            Assert.Equal(model.Count, outbox.Count);
        }

        outbox.Clear();
        Assert.Equal(0, outbox.Count);
    }

    private sealed class Turn(EngineSession session, string text, List<string> order) : OutboxWaiter
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => _done.Task;

        public bool Sent { get; private set; }

        public bool OtherPassed { get; private set; }

        public override void Proceed()
        {
            order.Add(text);

            // Only the thread whose turn it is may pass.
            var other = new Thread(() => OtherPassed = session.TrySend(Packets.Text("passes")));
            other.Start();
            other.Join();
            Sent = session.TrySend(Packets.Text(text));
            _done.SetResult();
        }

        public override void Abandon() => _done.SetResult();
    }
}

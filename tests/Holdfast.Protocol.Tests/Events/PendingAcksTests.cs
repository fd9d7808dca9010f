namespace Holdfast.Protocol.Tests.Events;

public sealed class PendingAcksTests
{
    private readonly FakeTime _time = new();
    private readonly PendingAcks _acks;

    public PendingAcksTests() => _acks = new PendingAcks(_time);

    [Fact]
    public async Task An_answer_completes_its_question_and_no_other()
    {
        var first = _acks.AddAsync(1, null, CancellationToken.None);
        var second = _acks.AddAsync(2, null, CancellationToken.None);

        Assert.True(_acks.TryComplete(2, Answer("[\"b\"]")));

        Assert.Equal("b", (await second).Get<string>(0));
        Assert.False(first.IsCompleted);
        Assert.Equal(1, _acks.Count);
    }

    [Fact]
    public void An_answer_that_nobody_asked_for_or_that_comes_twice_is_ignored()
    {
        Assert.False(_acks.TryComplete(1, EventArguments.Empty));
        _acks.AddAsync(1, null, CancellationToken.None);
        Assert.True(_acks.TryComplete(1, EventArguments.Empty));
        Assert.False(_acks.TryComplete(1, EventArguments.Empty));
        Assert.False(_acks.TryFail(1, new InvalidOperationException()));
    }

    [Fact]
    public async Task Without_an_answer_in_time_the_question_fails()
    {
        var question = _acks.AddAsync(1, TimeSpan.FromSeconds(5), CancellationToken.None);

        _time.Advance(TimeSpan.FromMilliseconds(4999));
        Assert.False(question.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal("operation has timed out", (await Assert.ThrowsAsync<AckTimeoutException>(() => question)).Message);
        Assert.False(_acks.TryComplete(1, EventArguments.Empty));
        Assert.Equal(0, _time.ActiveTimers);
    }

    [Fact]
    public async Task When_a_connection_is_lost_questions_without_a_limit_fail_and_those_with_one_may_still_be_answered()
    {
        var unlimited = _acks.AddAsync(1, null, CancellationToken.None);
        var limited = _acks.AddAsync(2, TimeSpan.FromSeconds(5), CancellationToken.None);
        var later = _acks.AddAsync(3, null, CancellationToken.None);

        _acks.FailUnlimited(2, new SocketDisconnectedException(DisconnectReason.TransportClose));

        Assert.Equal(DisconnectReason.TransportClose, (await Assert.ThrowsAsync<SocketDisconnectedException>(() => unlimited)).Reason);
        Assert.True(_acks.TryComplete(2, Answer("[\"late\"]")));
        Assert.Equal("late", (await limited).Get<string>(0));
        Assert.True(_acks.TryComplete(3, EventArguments.Empty));
        Assert.Empty(await later);
    }

    [Fact]
    public async Task A_limit_of_zero_is_valid()
    {
        var question = _acks.AddAsync(1, TimeSpan.Zero, CancellationToken.None);

        _time.Advance(TimeSpan.Zero);

        await Assert.ThrowsAsync<AckTimeoutException>(() => question);
    }

    [Fact]
    public async Task An_answer_in_time_stops_the_clock_and_forgets_the_token()
    {
        using var source = new CancellationTokenSource();
        var question = _acks.AddAsync(1, TimeSpan.FromSeconds(5), source.Token);

        _acks.TryComplete(1, EventArguments.Empty);
        _time.Advance(TimeSpan.FromSeconds(10));
        await source.CancelAsync();

        Assert.Empty(await question);
        Assert.Equal(0, _time.ActiveTimers);
    }

    [Fact]
    public async Task A_cancelled_token_ends_the_question()
    {
        using var source = new CancellationTokenSource();
        var question = _acks.AddAsync(1, TimeSpan.FromSeconds(5), source.Token);

        await source.CancelAsync();

        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => question);
        Assert.Equal(source.Token, exception.CancellationToken);
        Assert.Equal((0, 0), (_acks.Count, _time.ActiveTimers));
    }

    [Fact]
    public async Task A_token_that_is_cancelled_already_ends_the_question_at_once()
    {
        var question = _acks.AddAsync(1, TimeSpan.FromSeconds(5), new CancellationToken(canceled: true));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => question);
        Assert.Equal((0, 0), (_acks.Count, _time.ActiveTimers));
    }

    [Fact]
    public async Task When_the_socket_is_gone_all_questions_fail_and_later_ones_at_once()
    {
        var gone = new SocketDisconnectedException(DisconnectReason.TransportClose);
        var before = _acks.AddAsync(1, TimeSpan.FromSeconds(5), CancellationToken.None);

        _acks.FailAll(gone);
        _acks.FailAll(new InvalidOperationException("the first reason counts"));
        var after = _acks.AddAsync(2, TimeSpan.FromSeconds(5), CancellationToken.None);

        Assert.Same(gone, await Assert.ThrowsAsync<SocketDisconnectedException>(() => before));
        Assert.Same(gone, await Assert.ThrowsAsync<SocketDisconnectedException>(() => after));
        Assert.Equal("socket has been disconnected", gone.Message);
        Assert.Equal((0, 0), (_acks.Count, _time.ActiveTimers));
    }

    [Fact]
    public async Task A_question_that_could_not_be_sent_fails_alone()
    {
        var question = _acks.AddAsync(1, null, CancellationToken.None);

        Assert.True(_acks.TryFail(1, new InvalidOperationException("not sent")));

        await Assert.ThrowsAsync<InvalidOperationException>(() => question);
    }

    [Fact]
    public void Other_kinds_of_questions_are_told_once()
    {
        var collected = new Collected();
        _acks.Add(1, collected);
        _acks.Add(2, collected);

        _acks.TryComplete(1, Answer("[1]"));
        _acks.FailAll(new InvalidOperationException("gone"));
        Assert.False(_acks.TryRemove(2, collected));

        Assert.Equal(["[1]", "gone"], collected.Told);
    }

    [Fact]
    public void Ids_count_up_from_a_random_number_of_forty_bits()
    {
        var ids = Enumerable.Range(0, 200).Select(_ => new PendingAcks(_time)).Select(acks => (First: acks.NextId(), Second: acks.NextId())).ToArray();

        Assert.All(ids, id =>
        {
            Assert.InRange(id.First, 1, 1L << 40);
            Assert.Equal(id.First + 1, id.Second);
        });
        Assert.Equal(200, ids.Select(id => id.First).Distinct().Count());
        Assert.Contains(ids, id => id.First > 1L << 39);
    }

    [Fact]
    public async Task Of_all_ways_to_end_exactly_one_wins()
    {
        for (var round = 0; round < 200; round++)
        {
            using var source = new CancellationTokenSource();
            var acks = new PendingAcks(_time);
            var question = acks.AddAsync(round, TimeSpan.FromSeconds(1), source.Token);
            using var barrier = new Barrier(3);
            var answered = Task.Run(() =>
            {
                barrier.SignalAndWait();
                return acks.TryComplete(round, EventArguments.Empty);
            });
            var others = Task.WhenAll(
                Task.Run(() =>
                {
                    barrier.SignalAndWait();
                    source.Cancel();
                }),
                Task.Run(() =>
                {
                    barrier.SignalAndWait();
                    acks.FailAll(new InvalidOperationException());
                }));
            await others;

            await Task.WhenAny(question);
            Assert.Equal(await answered, question.IsCompletedSuccessfully);
            Assert.Equal(0, acks.Count);
        }

        Assert.Equal(0, _time.ActiveTimers);
    }

    private static EventArguments Answer(string json) => Wire.Decode($"31{json}").Arguments;

    private sealed class Collected : PendingAck
    {
        public List<string> Told { get; } = [];

        public override void Complete(EventArguments arguments) => Told.Add($"[{string.Join(',', arguments)}]");

        public override void Fail(Exception exception) => Told.Add(exception.Message);
    }
}

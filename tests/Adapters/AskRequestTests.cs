using Holdfast.Cluster;
using Holdfast.Protocol;
using Holdfast.Testing;

namespace Holdfast.Adapters.Tests;

/// <summary>Who counts among those who answer, whatever they say.</summary>
public sealed class AskRequestTests
{
    private static readonly PacketParser s_parser = new JsonPacketParser();
    private readonly BroadcastAnswers _answers = new(1);
    private readonly AskRequest _request;

    public AskRequestTests() => _request = new AskRequest("id", _answers, null!);

    [Fact]
    public async Task Only_what_was_asked_for_counts_and_each_answer_once()
    {
        _answers.Include(_request);
        _request.Place([2, 3, 4]);
        _answers.Close();
        _request.OnAnswer(9, Count(1)); // was not asked
        _request.OnAnswer(2, Answer(0)); // has not said how many
        _request.OnAnswer(2, Count(2));
        _request.OnAnswer(2, Count(5)); // has said it
        _request.OnAnswer(2, new ServerSideAnswerMessage("/", "id", s_parser.Capture(6))); // answers something else
        _request.OnAnswer(2, Answer(1));
        _request.OnAnswer(3, Count(0));
        Assert.Equal((2, 1), (_answers.Asked, _answers.SilentServers));
        _request.OnAnswer(2, Answer(2));
        _request.OnAnswer(2, Answer(3)); // has given all
        Assert.False(Waiting().IsCompleted);
        _request.OnAnswer(4, Count(1));
        Assert.False(Waiting().IsCompleted);
        _request.OnAnswer(4, new ClientAnswerMessage("/", "id", null));
        Assert.Equal([1, 2], (await Waiting().Within()).Select(answer => answer.Get<int>(0)));
        Assert.Equal((3, 0), (_answers.Asked, _answers.SilentServers));
        Assert.IsType<SocketDisconnectedException>(_answers.Failure);
    }

    [Fact]
    public async Task However_many_clients_a_server_claims_to_have_it_is_waited_for_no_longer_than_it_is_there()
    {
        _answers.Include(_request);
        _request.Place([2, 3]);
        _answers.Close();
        _request.OnAnswer(2, Count(int.MaxValue));
        _request.OnAnswer(3, Count(int.MaxValue));
        _request.OnAnswer(3, Answer(1));
        Assert.False(Waiting().IsCompleted);
        _request.OnNodeGone(2);
        Assert.False(Waiting().IsCompleted);
        _request.OnNodeGone(3);
        Assert.Single(await Waiting().Within());
        Assert.Equal(int.MaxValue, _answers.Asked);
    }

    [Fact]
    public async Task Who_goes_before_the_question_has_its_place_is_not_waited_for()
    {
        _answers.Include(_request);
        _request.OnNodeGone(2);
        _request.Place([2]);
        _answers.Close();
        Assert.Empty(await Waiting().Within());
        Assert.Equal((0, 0), (_answers.Asked, _answers.SilentServers));
    }

    private Task<IReadOnlyList<EventArguments>> Waiting() => _answers.WaitAsync(Timeout.InfiniteTimeSpan, new FakeTime(), CancellationToken.None);

    private static ClientCountMessage Count(int count) => new("/", "id", count);

    private static ClientAnswerMessage Answer(int number) => new("/", "id", new EventArguments([s_parser.Capture(number)]));
}

using Holdfast.Recovery;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery.Shared;

public class OwnStepsTests
{
    private readonly OwnSteps _steps = new();
    private readonly List<string> _happened = [];

    [Fact]
    public async Task What_has_no_record_happens_behind_what_has_one_and_before_what_comes_after()
    {
        var first = Append("first");
        var behind = Behind("behind");
        var second = Append("second");
        var last = Behind("last");

        Assert.True(_steps.OnRecord(first.Number));
        Assert.Equal(["first", "behind"], _happened);
        Assert.True(_steps.OnRecord(second.Number));

        Assert.Equal(["first", "behind", "second", "last"], _happened);
        Assert.True(_steps.IsEmpty);
        await Task.WhenAll(first.Task, behind.Task, second.Task, last.Task).Within();
    }

    [Fact]
    public async Task A_step_whose_record_could_not_be_written_does_not_happen_and_holds_up_nobody()
    {
        var first = Append("first");
        var failed = Append("failed");
        var behind = Behind("behind");

        _steps.Fail(failed, new IOException("full"));
        Assert.Empty(_happened); // the first is still on its way
        Assert.True(_steps.OnRecord(first.Number));

        Assert.Equal(["first", "behind"], _happened);
        await behind.Task.Within();
        await Assert.ThrowsAsync<IOException>(() => failed.Task).Within();
    }

    [Fact]
    public async Task A_step_whose_record_is_passed_by_does_not_happen_and_nobody_can_say_whether_it_is_in_the_log()
    {
        var lost = Append("lost");
        var behind = Behind("behind");
        var next = Append("next");

        Assert.True(_steps.OnRecord(next.Number));
        Assert.True((await Assert.ThrowsAsync<RecoveryUnavailableException>(() => lost.Task).Within()).OutcomeUnknown);
        _steps.Fail(lost, new IOException("full"));

        Assert.Equal(["behind", "next"], _happened);
        await behind.Task.Within();
    }

    [Fact]
    public void A_record_that_comes_back_although_it_was_said_to_have_failed_is_nobodys_step()
    {
        var failed = Append("failed");
        _steps.Fail(failed, new IOException("full"));
        var next = Append("next");

        Assert.False(_steps.OnRecord(failed.Number));
        Assert.True(_steps.OnRecord(next.Number));

        Assert.Equal(["next"], _happened);
    }

    [Fact]
    public async Task A_step_that_throws_fails_for_its_caller_alone()
    {
        var broken = _steps.Add(() => throw new InvalidOperationException("no"), hasRecord: true, outer: null);
        var behind = Behind("behind");

        Assert.True(_steps.OnRecord(broken.Number));

        Assert.Equal(["behind"], _happened);
        await behind.Task.Within();
        await Assert.ThrowsAsync<InvalidOperationException>(() => broken.Task).Within();
    }

    private OwnStep Append(string name) => _steps.Add(() => _happened.Add(name), hasRecord: true, outer: null);

    private OwnStep Behind(string name) => _steps.Add(() => _happened.Add(name), hasRecord: false, outer: null);
}

using Holdfast.Recovery;
using Holdfast.Testing;

namespace Holdfast.Server.Tests.Recovery;

// Whoever presents what is not its own, or what nobody can use, gets a session without anything of another one.
public class LesserOutcomeTests
{
    [Theory]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAA", null)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAA", "EPOCH.0000000001")]
    [InlineData("", null)]
    [InlineData("mine", "mine")]
    [InlineData("LONG", "LONG")]
    [InlineData("\\u0000\\ud83d\\ude00", "\\\"")]
    public async Task A_private_id_that_nobody_has_gets_a_new_session(string pid, string? offset)
    {
        await using var host = await RecoveryHost.StartAsync();
        using var other = await host.JoinAsync();
        await host.Io.EmitAsync("e", "secret");
        await other.ReadEventAsync();
        using var peer = await host.JoinAsync(connect: RecoveryHost.Connect(Fill(pid), offset is null ? null : Fill(offset)));
        Assert.Equal(new(RecoveryOutcome.Fresh, RecoveryReason.UnknownSession, 0), host.SocketOf(peer).Recovery);
        Assert.NotEqual(other.Pid, peer.Pid);
        await peer.AssertNothingMoreAsync();
        await host.Io.EmitAsync("e", 1);
        Assert.Equal("""42["e",1]""", await peer.ReadEventAsync());
        Assert.Equal("""42["e",1]""", await other.ReadEventAsync());

        string Fill(string text) => text.Replace("EPOCH", other.Offset![..8], StringComparison.Ordinal).Replace("LONG", new string('A', 400_000), StringComparison.Ordinal);
    }

    [Fact]
    public async Task W34_the_public_id_opens_nothing()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var other = await host.JoinAsync();
        using var peer = await host.JoinAsync(connect: RecoveryHost.Connect(other.Id, null));
        Assert.Equal(RecoveryReason.UnknownSession, host.SocketOf(peer).Recovery.Reason);
        Assert.True(host.SocketOf(other).Connected);
    }

    [Fact]
    public async Task W34_another_user_gets_nothing_and_the_owner_keeps_everything()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var owner = await host.JoinAsync("&user=owner");
        using var thief = await host.ReturnAsync(owner, "&user=thief");
        Assert.Equal(new(RecoveryOutcome.Fresh, RecoveryReason.OtherUser, 0), host.SocketOf(thief).Recovery);
        using var nobody = await host.ReturnAsync(owner);
        Assert.Equal(RecoveryReason.OtherUser, host.SocketOf(nobody).Recovery.Reason);
        await host.Io.To(owner.Id).EmitAsync("e", 1);
        Assert.Equal("""42["e",1]""", await owner.ReadEventAsync());
        await host.CutAsync(owner);
        await host.Io.To(owner.Id).EmitAsync("e", 2);
        using var again = await host.ReturnAsync(owner, "&user=thief");
        Assert.NotEqual(owner.Pid, again.Pid);
        using var back = await host.ReturnAsync(owner, "&user=owner");
        Assert.Equal(owner.Pid, back.Pid);
        Assert.Equal("""42["e",2]""", await back.ReadEventAsync());
        foreach (var other in new[] { thief, nobody, again })
            await other.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task A_session_of_somebody_who_was_nobody_is_not_given_to_a_user()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        using var user = await host.ReturnAsync(peer, "&user=somebody");
        Assert.Equal(RecoveryReason.OtherUser, host.SocketOf(user).Recovery.Reason);
    }

    [Fact]
    public async Task W44_a_private_id_counts_in_its_own_namespace_only()
    {
        await using var host = await RecoveryHost.StartAsync(io => io.Of("/a"));
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        await host.Io.EmitAsync("e", 1);
        using var other = await host.OpenAsync();
        await other.SendAsync("40/a," + RecoveryHost.Connect(peer.Pid, null)[2..]);
        await other.ReadConnectAsync();
        Assert.NotEqual(peer.Pid, other.Pid);
        await Waiting.Until(() => host.Io.Of("/a").Sockets.Count == 1);
        Assert.Equal(RecoveryReason.OtherNamespace, host.Io.Of("/a").Sockets.Single().Recovery.Reason);
        await other.AssertNothingMoreAsync();
        using var back = await host.ReturnAsync(peer);
        Assert.Equal(peer.Pid, back.Pid);
    }

    [Fact]
    public async Task An_expired_session_is_unknown()
    {
        await using var host = await RecoveryHost.StartAsync(recovery: options => options.MaxDisconnectionDuration = TimeSpan.FromSeconds(10));
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        host.Time.Advance(9_900);
        Assert.Equal(SessionStage.Parked, host.SessionOf(peer)!.Stage);
        host.Time.Advance(100);
        Assert.Null(host.SessionOf(peer));
        using var back = await host.ReturnAsync(peer);
        Assert.Equal(new(RecoveryOutcome.Fresh, RecoveryReason.UnknownSession, 0), host.SocketOf(back).Recovery);
        Assert.NotEqual(peer.Id, back.Id);
    }

    [Theory]
    [InlineData("EPOCH.zzzzzzzzzz", RecoveryReason.OffsetBeyondHead)]
    [InlineData("mine", RecoveryReason.ForeignOffset)]
    [InlineData("", RecoveryReason.ForeignOffset)]
    [InlineData("LONG", RecoveryReason.ForeignOffset)]
    public async Task W9_W31_an_offset_that_says_nothing_gives_the_state_back_under_a_new_private_id(string offset, RecoveryReason reason)
    {
        await using var host = await RecoveryHost.StartAsync(io => io.Of("/a"));
        using var peer = await host.JoinAsync();
        await host.SocketOf(peer).JoinAsync("room");
        host.SocketOf(peer).Data.Set("name", "Ada");
        await host.Io.EmitAsync("e", 1);
        await peer.ReadEventAsync();
        peer.Offset = offset.Replace("EPOCH", peer.Offset![..8], StringComparison.Ordinal).Replace("LONG", new string('0', 500_000), StringComparison.Ordinal);
        await host.CutAsync(peer);
        await host.Io.EmitAsync("e", 2);
        using var back = await host.ReturnAsync(peer);
        Assert.Equal(peer.Id, back.Id);
        Assert.NotEqual(peer.Pid, back.Pid);
        var socket = host.SocketOf(back);
        Assert.Equal(new(RecoveryOutcome.StateOnly, reason, 0), socket.Recovery);
        Assert.False(socket.Recovered);
        Assert.Contains("room", socket.Rooms);
        Assert.Equal("Ada", socket.Data.Get<string>("name"));
        await back.AssertNothingMoreAsync();
        await host.Io.To("room").EmitAsync("e", 3);
        Assert.Equal("""42["e",3]""", await back.ReadEventAsync());
        host.ExpectedComplaints = reason == RecoveryReason.ForeignOffset ? 1 : 0; // said once
    }

    [Fact]
    public async Task W5_a_foreign_offset_is_complained_about_once()
    {
        await using var host = await RecoveryHost.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            using var peer = await host.JoinAsync();
            await host.Io.EmitAsync("e", 1);
            await peer.ReadEventAsync();
            peer.Offset = "mine";
            using var back = await host.ReturnAsync(peer);
            Assert.Equal(RecoveryReason.ForeignOffset, host.SocketOf(back).Recovery.Reason);
        }
        host.ExpectedComplaints = 1;
    }

    [Fact]
    public async Task W38_what_the_log_has_dropped_is_signalled_and_not_kept_quiet()
    {
        await using var host = await RecoveryHost.StartAsync(recovery: options => options.MaxLogEntries = 5);
        using var peer = await host.JoinAsync();
        await host.CutAsync(peer);
        for (var i = 0; i < 6; i++)
            await host.Io.EmitAsync("e", i);
        using var back = await host.ReturnAsync(peer);
        Assert.Equal(new(RecoveryOutcome.StateOnly, RecoveryReason.EventsTrimmed, 0), host.SocketOf(back).Recovery);
        await back.AssertNothingMoreAsync();
        await host.CutAsync(back);
        for (var i = 0; i < 5; i++)
            await host.Io.EmitAsync("e", i);
        back.Offset = null; // it has got nothing since
        using var third = await host.ReturnAsync(back);
        Assert.Equal(back.Pid, third.Pid);
        for (var i = 0; i < 5; i++)
            Assert.Equal($"42[\"e\",{i}]", await third.ReadEventAsync());
    }

    [Fact]
    public async Task The_offset_of_a_former_session_loses_nothing_of_the_new_one()
    {
        await using var host = await RecoveryHost.StartAsync();
        using var peer = await host.JoinAsync();
        await host.Io.EmitAsync("e", 1);
        await peer.ReadEventAsync();
        await host.SocketOf(peer).DisconnectAsync();
        Assert.Equal("41", await peer.ReadAsync());
        await peer.SendAsync(RecoveryHost.Connect(peer.Pid, peer.Offset)); // the official client sends both again
        await peer.ReadConnectAsync();
        await Waiting.Until(() => host.SocketOf(peer) is not null);
        Assert.Equal(RecoveryOutcome.Fresh, host.SocketOf(peer).Recovery.Outcome);
        await host.CutAsync(peer);
        await host.Io.EmitAsync("e", 2);
        using var back = await host.ReturnAsync(peer);
        Assert.Equal("""42["e",2]""", await back.ReadEventAsync());
        await back.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task W35_handlers_see_the_applications_own_auth_and_none_of_ours()
    {
        var auths = new List<string>();
        await using var host = await RecoveryHost.StartAsync(io => io.OnConnection(socket => auths.Add(socket.Handshake.Auth.ToString())));
        using var peer = await host.JoinAsync();
        await host.Io.EmitAsync("e");
        using var reader = peer;
        Assert.StartsWith("42[\"e\",\"", await peer.ReadAsync(), StringComparison.Ordinal);
        await host.CutAsync(peer);
        using var back = await host.OpenAsync();
        await back.SendAsync($$"""40{"token":"t","pid":"{{peer.Pid}}"}""");
        await back.ReadConnectAsync();
        await Waiting.Until(() => auths.Count == 2);
        Assert.Equal(["null", """{"token":"t"}"""], auths);
    }
}

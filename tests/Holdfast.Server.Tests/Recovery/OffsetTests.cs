using System.Security.Claims;
using System.Text;
using Holdfast.Recovery;

namespace Holdfast.Server.Tests.Recovery;

public class OffsetTests
{
    private readonly OffsetCodec _codec = new();

    [Theory]
    [InlineData(0, "0000000000")]
    [InlineData(35, "000000000z")]
    [InlineData(36, "0000000010")]
    [InlineData(1_000_000, "000000lfls")]
    [InlineData(3_656_158_440_062_975, "zzzzzzzzzz")]
    public void A_position_is_written_over_the_template_and_read_back(long sequence, string digits)
    {
        var packet = LogRig.Positioned($"42[\"e\",1,\"{_codec.Template}\"]");
        _codec.Stamp(packet, sequence);
        var offset = _codec.Template[..9] + digits;
        Assert.Equal($"42[\"e\",1,\"{offset}\"]", Encoding.UTF8.GetString(packet.Text.Span));
        Assert.Equal(OffsetKind.Position, _codec.Read(offset, out var read));
        Assert.Equal(sequence, read);
    }

    [Theory]
    [InlineData(80, null)]
    [InlineData(100, null)]
    [InlineData(101, "AAAAAAAA")]
    [InlineData(200, "AAAAAAAA")]
    [InlineData(201, "BBBBBBBB")]
    public void What_is_stamped_again_bears_the_name_of_the_epoch_that_was_in_force_at_its_place(long sequence, string? epoch)
    {
        epoch ??= _codec.Template[..8];
        _codec.Begin("AAAAAAAA", position: 100, formerEnd: 90);
        _codec.Begin("BBBBBBBB", position: 200, formerEnd: 200);
        var packet = LogRig.Positioned($"42[\"{_codec.Template}\"]");

        _codec.StampAgain(packet, sequence);

        Assert.Equal(epoch, Encoding.UTF8.GetString(packet.Text.Span)[4..12]);
    }

    [Fact]
    public void W24_positions_sort_as_text_and_never_repeat()
    {
        var offsets = Enumerable.Range(0, 5_000).Select(i => LogRig.Text(_codec, i * 7L)).ToArray();
        Assert.Equal(offsets, offsets.Order(StringComparer.Ordinal).Distinct());
    }

    [Fact]
    public void The_position_of_another_log_is_recognised_as_one()
    {
        var other = new OffsetCodec();
        Assert.NotEqual(_codec.Template, other.Template);
        Assert.Equal(OffsetKind.OtherEpoch, _codec.Read(LogRig.Text(other, 7), out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("1700000000000-0")]
    [InlineData("EPOCH678.000000001")]
    [InlineData("EPOCH678.00000000001")]
    [InlineData("EPOCH678-0000000001")]
    [InlineData("EPOCH678.000000000A")]
    [InlineData("EPOCH678.-000000001")]
    [InlineData("EPOCH678.00000000 1")]
    [InlineData("EPOCH678.000000000\u0661")]
    [InlineData("EPOCH678.00000000.1")]
    public void Anything_else_is_foreign(string offset)
    {
        Assert.Equal(OffsetKind.Foreign, _codec.Read(offset.Replace("EPOCH678", _codec.Template[..8], StringComparison.Ordinal), out _));
        Assert.Equal(OffsetKind.Foreign, _codec.Read(new string('0', 1_000_000), out _));
    }

    [Fact]
    public void W34_private_ids_are_long_random_and_kept_as_hashes()
    {
        var ids = Enumerable.Range(0, 1_000).Select(_ => PrivateId.Create()).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(1_000, ids.Count);
        Assert.All(ids, id => Assert.Matches("^[A-Za-z0-9_-]{24}$", id));
        Assert.All(ids, id => Assert.True(PrivateId.IsWellFormed(id)));
        Assert.Equal(1_000, ids.Select(PrivateId.Hash).Distinct().Count());
        var one = ids.First();
        Assert.Equal(PrivateId.Hash(one), PrivateId.Hash(string.Concat(one)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAA+")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAA ")]
    [InlineData("AAAAAAAAAAAA\u00e4AAAAAAAAAAA")]
    public void What_cannot_be_a_private_id_is_never_looked_up(string text) => Assert.False(PrivateId.IsWellFormed(text));

    [Fact]
    public void A_user_is_who_the_issuer_says_and_nobody_is_nobody()
    {
        Assert.Null(UserKey.Of(new ClaimsPrincipal()));
        Assert.Null(UserKey.Of(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, "1")])))); // no authentication type: not authenticated
        Assert.Equal(Key(new Claim(ClaimTypes.NameIdentifier, "1")), Key(new Claim(ClaimTypes.NameIdentifier, "1"), new Claim(ClaimTypes.Role, "new")));
        Assert.NotEqual(Key(new Claim(ClaimTypes.NameIdentifier, "1")), Key(new Claim(ClaimTypes.NameIdentifier, "2")));
        Assert.NotEqual(Key(new Claim(ClaimTypes.NameIdentifier, "1", null, "A")), Key(new Claim(ClaimTypes.NameIdentifier, "1", null, "B")));
        Assert.NotEqual(Key(new Claim("sub", "1")), Key(new Claim(ClaimTypes.Name, "1")));
        Assert.Equal(Key(new Claim("x", "1"), new Claim("y", "2")), Key(new Claim("y", "2"), new Claim("x", "1")));
        Assert.NotEqual(Key(new Claim("x", "1"), new Claim("y", "2")), Key(new Claim("x", "1")));
        Assert.NotNull(Key());

        static string? Key(params Claim[] claims) => UserKey.Of(new ClaimsPrincipal(new ClaimsIdentity(claims, "test")));
    }
}

using System.Diagnostics;
using Holdfast.Engine;

namespace Holdfast.Server.Tests.Engine;

public class AcceptedCodingTests
{
    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("GZip", "gzip")]
    [InlineData("br, gzip", "br")]
    [InlineData("gzip, br", "gzip")]
    [InlineData("gzip;q=0.1, br;q=0.2, deflate;q=0.15", "br")]
    [InlineData("gzip;q=1.000", "gzip")]
    [InlineData("gzip;q=0", null)]
    [InlineData("*", "br")]
    [InlineData("*;q=0", null)]
    [InlineData("br;q=0, *;q=0.1", "gzip")]
    [InlineData("br;q=0.2, *;q=0.3", "gzip")]
    [InlineData("identity", null)]
    [InlineData("identity;q=0.5, gzip;q=0.4", null)]
    [InlineData("identity;q=0, gzip;q=0.4", "gzip")]
    [InlineData("identity;q=0", null)]
    [InlineData("identity, gzip", "gzip")]
    [InlineData("gzip, deflate", "gzip")]
    [InlineData("compress, zstd", null)]
    [InlineData("gzip;q=nonsense", null)]
    [InlineData(",,;q=1", null)]
    [InlineData("", null)]
    public void The_coding_is_the_one_that_the_client_likes_best(string header, string? expected)
    {
        Assert.Equal(expected, AcceptedCoding.Choose(header, ["br", "gzip", "deflate"]));
    }

    [Fact]
    public void Several_header_lines_count_as_one_list()
    {
        Assert.Equal("deflate", AcceptedCoding.Choose(new(["gzip;q=0.2", "deflate;q=0.3"]), ["br", "gzip", "deflate"]));
        Assert.Null(AcceptedCoding.Choose(default, ["gzip"]));
    }

    [Fact]
    public void A_header_as_long_as_servers_take_costs_little()
    {
        var header = string.Concat(Enumerable.Repeat("*,", 16_000)) + "br;q=0,gzip;q=0,deflate;q=0";
        var took = Stopwatch.StartNew();
        Assert.Null(AcceptedCoding.Choose(header, ["br", "gzip", "deflate"]));
        Assert.InRange(took.ElapsedMilliseconds, 0, 500);
    }
}

using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Holdfast.Server.Tests.Sockets;

/// <summary>What the server does with a parser that is not the default one.</summary>
public class ParserTests
{
    public static TheoryData<string, Action<SocketIOOptions>> Contradictions => new()
    {
        { "JsonSerializerOptions belongs to the default parser", options => options.JsonSerializerOptions = new(JsonSerializerDefaults.Web) },
        { "MaxAttachments belongs to the default parser", options => options.MaxAttachments = 20 },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void An_option_of_the_default_parser_is_not_ignored_with_another_one(string fault, Action<SocketIOOptions> contradict)
    {
        Assert.Contains(fault, Fault(options => { options.Parser = new MessagePackParser(); contradict(options); }), StringComparison.Ordinal);
        Assert.Null(Fault(options => options.Parser = new MessagePackParser()));
        Assert.Null(Fault(contradict));
    }

    [Fact]
    public void Recovery_needs_a_parser_that_carries_offsets()
    {
        Assert.Contains("CarriesOffsets", Fault(options => { options.Parser = new Wrapper { Carries = false }; options.ConnectionStateRecovery = new(); }), StringComparison.Ordinal);
        Assert.Null(Fault(options => { options.Parser = new Wrapper(); options.ConnectionStateRecovery = new(); }));
        Assert.Null(Fault(options => options.Parser = new Wrapper { Carries = false }));
    }

    [Fact]
    public async Task Events_of_both_kinds_carry_their_positions_in_message_pack()
    {
        await using var host = await SocketHost.StartAsync(
            io => io.OnConnection(socket => socket.On("to-all", (EventArgument value) => io.EmitAsync("e", value))),
            options => { options.Parser = new MessagePackParser(); options.ConnectionStateRecovery = new(); });
        using var a = await host.OpenAsync();
        using var b = await host.OpenAsync();
        foreach (var peer in new[] { a, b })
        {
            await peer.SendBinaryAsync(Packed("82 'type' 00 'nsp' '/'"));
            Assert.Matches("^83A474797065 00 A36E7370 A12F A464617461 82 A3736964 B4[0-9A-F]{40} A3706964 [0-9A-F]{44,}$".Replace(" ", "", StringComparison.Ordinal), await peer.ReadAsync());
        }

        var offsets = new List<string>();
        foreach (var value in new[] { "01", "c403010203", "d7000000018bcfe56800" })
        {
            await a.SendBinaryAsync(Packed($"83 'type' 02 'nsp' '/' 'data' 92 'to-all' {value}"));
            var frames = await Task.WhenAll(a.ReadAsync(), b.ReadAsync());
            Assert.Equal(frames[0], frames[1]);
            var start = Convert.ToHexString(Packed($"83 'type' 02 'nsp' '/' 'data' 93 'e' {value} b3"));
            Assert.StartsWith(start, frames[0], StringComparison.Ordinal);
            offsets.Add(Encoding.ASCII.GetString(Convert.FromHexString(frames[0][start.Length..])));
        }

        Assert.All(offsets, offset => Assert.Matches(@"^[\w-]{8}\.[0-9a-z]{10}$", offset));
        Assert.Equal(["0000000001", "0000000002", "0000000003"], offsets.Select(offset => offset[9..]));
    }

    [Fact]
    public async Task What_is_no_message_pack_ends_its_connection_and_no_other()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(socket => socket.On("ping", () => "pong")), options => options.Parser = new MessagePackParser());
        using var good = await host.OpenAsync();
        await good.SendBinaryAsync(Packed("82 'type' 00 'nsp' '/'"));
        await good.ReadAsync();
        foreach (var (frame, isText) in new[] { ("34 30", true), ("34 31", true), ("c1", false), ("82 'type' 02 'nsp' '/'", false), ("dfffffffff", false) })
        {
            using var bad = await host.OpenAsync();
            await (isText ? bad.SendAsync(Encoding.ASCII.GetString(Packed(frame))) : bad.SendBinaryAsync(Packed(frame)));
            Assert.Equal("closed", await bad.ReadAsync());
        }

        await good.SendBinaryAsync(Packed("84 'type' 02 'nsp' '/' 'id' 05 'data' 91 'ping'"));
        Assert.Equal(Convert.ToHexString(Packed("84 'type' 03 'nsp' '/' 'id' 05 'data' 91 'pong'")), await good.ReadAsync());
    }

    [Fact]
    public async Task A_parser_that_misplaces_the_offset_fails_the_emit_and_harms_nobody()
    {
        var parser = new Wrapper();
        await using var host = await SocketHost.StartAsync(
            io => io.OnConnection(_ => { }), options => { options.Parser = parser; options.ConnectionStateRecovery = new(); });
        using var peer = await host.OpenAsync();
        await peer.SendBinaryAsync(Packed("82 'type' 00 'nsp' '/'"));
        await peer.ReadAsync();
        foreach (var misplaced in new Func<EncodedPacket, EncodedPacket>[]
        {
            packet => EncodedPacket.FromBinary(packet.BinaryMessages[0]),
            packet => EncodedPacket.FromBinary(packet.BinaryMessages[0], packet.Size - 18),
            packet => EncodedPacket.FromBinary(packet.BinaryMessages[0], packet.Size - 20),
            packet => EncodedPacket.FromBinary(packet.BinaryMessages[0], int.MaxValue),
            packet => EncodedPacket.FromText([]),
        })
        {
            parser.Change = misplaced;
            var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => host.Io.EmitAsync("e", 1));
            Assert.Equal("The packet parser has not put the offset of the event where it says.", fault.Message);
        }

        parser.Change = packet => packet;
        await host.Io.EmitAsync("e", 1);
        Assert.EndsWith(Convert.ToHexString(".0000000001"u8), await peer.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decoder_with_a_fault_of_its_own_ends_the_connection_that_showed_it_and_is_named_in_the_log()
    {
        await using var host = await SocketHost.StartAsync(io => io.OnConnection(_ => { }), options => options.Parser = new Wrapper { DecoderFault = new FormatException("the parser's own fault") });
        using var peer = await host.OpenAsync();
        await peer.SendBinaryAsync([1]);
        Assert.Equal("closed", await peer.ReadAsync());
        Assert.Contains("the parser's own fault", Assert.Single(host.Complaints), StringComparison.Ordinal);
        host.ExpectedComplaints = 1;
    }

    private static string? Fault(Action<SocketIOOptions> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSocketIO(configure);
        using var app = builder.Build();
        return Record.Exception(() => app.Services.GetRequiredService<IOptions<SocketIOOptions>>().Value) is OptionsValidationException fault ? fault.Message : null;
    }

    /// <summary>Bytes in hex, and short texts in quotes with their header.</summary>
    private static byte[] Packed(string notation) =>
        [.. notation.Split(' ').SelectMany(word => word[0] == '\'' ? [(byte)(0xA0 | (word.Length - 2)), .. Encoding.UTF8.GetBytes(word[1..^1])] : Convert.FromHexString(word))];
}

using System.Text.RegularExpressions;
using Holdfast.Server.Tests.Sockets;

namespace Holdfast.Adapters.Tests;

/// <summary>A client by hand, and the socket that its server has for it.</summary>
internal sealed partial class Client(Peer peer, ServerSocket socket) : IDisposable
{
    public string Id => peer.Id;

    public ServerSocket Socket => socket;

    /// <summary>The next frame; without the position, if it has one.</summary>
    public async Task<string> ReadAsync() => Position().Replace(await peer.ReadAsync(), "]");

    public Task SendAsync(string frame) => peer.SendAsync(frame);

    public Task SendBinaryAsync(byte[] frame) => peer.SendBinaryAsync(frame);

    /// <summary>Reads a question and answers it.</summary>
    public async Task AnswerAsync(string value)
    {
        var question = await peer.ReadAsync();
        await peer.SendAsync(Peer.Answer(question, value));
    }

    /// <summary>Nothing else has been sent to it: the answer to a CONNECT to nowhere comes next.</summary>
    public async Task AssertNothingMoreAsync()
    {
        await peer.SendAsync("40/nowhere");
        Assert.Equal("""44/nowhere,{"message":"Invalid namespace"}""", await peer.ReadAsync());
    }

    public void Dispose() => peer.Dispose();

    [GeneratedRegex(""","[A-Za-z0-9_-]{8}\.[0-9a-z]{10}"\]$""")]
    private static partial Regex Position();
}

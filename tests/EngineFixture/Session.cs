using System.Collections.Concurrent;

namespace Holdfast.EngineFixture;

/// <summary>
/// One client. Its query says what it hears first: <c>say</c> is texts with commas between them; <c>bytes</c> is a number of bytes, 0 1 2 and so on;
/// <c>end</c> closes behind all that. What the client sends comes back, unless it wants it <c>kept</c>; with <c>slow</c> only when it has been released.
/// </summary>
internal sealed class Session(EngineSocket socket)
{
    private readonly ConcurrentQueue<string> _messages = new();
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What the client has sent, as text or in hex.</summary>
    public IEnumerable<string> Messages => _messages;

    public void Begin()
    {
        var query = socket.Handshake.Query;
        var isKept = query.ContainsKey("kept");
        var isSlow = query.ContainsKey("slow");
        socket.OnMessage(async message =>
        {
            if (isSlow)
                await _released.Task;
            _messages.Enqueue(message.IsBinary ? Convert.ToHexString(message.Data.Span) : message.Text);
            if (!isKept)
                await socket.SendAsync(message);
        });
        foreach (var text in query["say"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries))
            Send(text);
        if (int.TryParse(query["bytes"], out var bytes))
            _ = socket.SendAsync(Enumerable.Range(0, bytes).Select(i => (byte)i).ToArray());
        if (query.ContainsKey("end"))
            socket.Close();
    }

    public async Task SendAsync(string[] texts)
    {
        foreach (var text in texts)
            await socket.SendAsync(text);
    }

    public async Task FloodAsync(int count, int size)
    {
        for (var i = 0; i < count; i++)
            await socket.SendAsync($"{i} {new string('a', size)}");
    }

    public void Release() => _released.SetResult();

    public void Close() => socket.Close();

    // There is room: the outbox is empty when a session begins.
    private void Send(string text) => _ = socket.SendAsync(text);
}

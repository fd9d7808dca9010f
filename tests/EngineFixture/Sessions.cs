using System.Collections.Concurrent;

namespace Holdfast.EngineFixture;

/// <summary>All sessions that are open, and what was seen of those that came and went.</summary>
internal sealed class Sessions
{
    private readonly ConcurrentDictionary<string, Session> _open = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _seen = new(StringComparer.Ordinal);

    public int Count => _open.Count;

    public void Add(EngineSocket socket)
    {
        var session = new Session(socket);
        _open[socket.Id] = session;
        socket.OnClose((reason, _) =>
        {
            _open.TryRemove(socket.Id, out var _);
            See($"close-{socket.Id}", $"{reason}");
            See($"messages-{socket.Id}", string.Join(' ', session.Messages));
        });
        See($"open-{socket.Id}", $"{socket.TransportName} {socket.Handshake.Url}");
        foreach (var header in socket.Handshake.Headers)
            See($"{header.Key.ToLowerInvariant()}-{socket.Id}", header.Value.ToString());
        session.Begin();
    }

    public Session Find(string id) => _open[id];

    /// <summary>Waits until it has happened.</summary>
    public Task<string> SawAsync(string name) => Of(name).Task;

    private void See(string name, string what) => Of(name).TrySetResult(what);

    private TaskCompletionSource<string> Of(string name) =>
        _seen.GetOrAdd(name, static _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
}

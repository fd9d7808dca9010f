using System.Collections.Concurrent;

namespace Holdfast.JsFixture;

/// <summary>What happened at the server, by name: asked for before or after it happens.</summary>
internal sealed class Sightings
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _all = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _logs = new(StringComparer.Ordinal);

    public void Add(string name, string what) => Of(name).TrySetResult(what);

    public Task<string> WaitAsync(string name) => Of(name).Task;

    /// <summary>What was seen is over: who asks from now on waits for the next time.</summary>
    public void Forget(string name)
    {
        if (_all.TryGetValue(name, out var seen) && seen.Task.IsCompleted)
            _all.TryRemove(KeyValuePair.Create(name, seen));
    }

    /// <summary>Notes one of the things that happen to a session, in their order.</summary>
    public void Log(string id, string what) => _logs.GetOrAdd(id, static _ => new ConcurrentQueue<string>()).Enqueue(what);

    public IReadOnlyCollection<string> LogOf(string id) => _logs.TryGetValue(id, out var log) ? log : [];

    private TaskCompletionSource<string> Of(string name) =>
        _all.GetOrAdd(name, static _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
}

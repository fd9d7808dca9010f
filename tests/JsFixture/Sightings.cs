using System.Collections.Concurrent;

namespace Holdfast.JsFixture;

/// <summary>What happened at the server, by name: asked for before or after it happens.</summary>
internal sealed class Sightings
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _all = new(StringComparer.Ordinal);

    public void Add(string name, string what) => Of(name).TrySetResult(what);

    public Task<string> WaitAsync(string name) => Of(name).Task;

    private TaskCompletionSource<string> Of(string name) =>
        _all.GetOrAdd(name, static _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
}

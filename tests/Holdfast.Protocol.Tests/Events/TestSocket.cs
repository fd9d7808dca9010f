namespace Holdfast.Protocol.Tests.Events;

/// <summary>A socket whose other end is a list.</summary>
internal sealed class TestSocket : EventSocket
{
    private readonly CancellationTokenSource _disconnect = new();
    private bool _isOpen = true;

    /// <summary>What went out, as on the wire.</summary>
    public List<string> Sent { get; } = [];

    public List<string> Failures { get; } = [];

    public List<EventArgumentException> Rejected { get; } = [];

    /// <summary>Scopes that are open now.</summary>
    public List<TestScope> Scopes { get; } = [];

    /// <summary>What a question is answered with.</summary>
    public string Answer { get; set; } = "[]";

    public CancellationToken LastToken { get; private set; }

    public Task? SendGate { get; set; }

    internal override CancellationToken Disconnected => _disconnect.Token;

    internal override bool IsOpen => _isOpen;

    internal override PacketParser Parser => Format;

    /// <summary>What its events are written with.</summary>
    public PacketParser Format { get; init; } = Wire.Parser;

    public void Disconnect() => _disconnect.Cancel();

    /// <summary>What comes now is not handled any more.</summary>
    public void Close() => _isOpen = false;

    /// <summary>Receives an event, for example <c>"x",1</c>.</summary>
    public Task ReceiveAsync(string arguments, long ackId = -1) =>
        DispatchAsync(Wire.Decode($"2{(ackId < 0 ? "" : ackId)}[{arguments}]")).AsTask();

    /// <summary>Receives an event whose handlers must all finish at once.</summary>
    public TestSocket Receive(string arguments, long ackId = -1)
    {
        var task = ReceiveAsync(arguments, ackId);
        Assert.True(task.IsCompletedSuccessfully);
        return this;
    }

    internal override async Task EmitArgumentsAsync(string eventName, object?[] arguments, CancellationToken cancellationToken)
    {
        LastToken = cancellationToken;
        Sent.Add(Wire.Show(Wire.Parser.EncodeEvent("/", -1, eventName, arguments)));
        await (SendGate ?? Task.CompletedTask);
    }

    internal override Task<EventArguments> EmitArgumentsWithAckAsync(
        string eventName, object?[] arguments, CancellationToken cancellationToken)
    {
        LastToken = cancellationToken;
        Sent.Add(Wire.Show(Wire.Parser.EncodeEvent("/", 1, eventName, arguments)));
        return Task.FromResult(Wire.Decode($"31{Answer}").Arguments);
    }

    internal override ValueTask SendAckAsync(long ackId, ReadOnlySpan<object?> arguments, CancellationToken cancellationToken)
    {
        LastToken = cancellationToken;
        Sent.Add(Wire.Show(Wire.Parser.EncodeAck("/", ackId, arguments)));
        return default;
    }

    internal override IServiceProvider OpenScope(out IAsyncDisposable? scope)
    {
        var opened = new TestScope(this);
        Scopes.Add(opened);
        scope = opened;
        return opened;
    }

    internal override void OnHandlerFailed(string eventName, Exception exception) => Failures.Add($"{eventName}: {exception.Message}");

    internal override void OnArgumentsRejected(string eventName, EventArgumentException exception) => Rejected.Add(exception);

    internal sealed class TestScope(TestSocket socket) : IServiceProvider, IAsyncDisposable
    {
        public bool FailsToClose { get; set; }

        public object? GetService(Type serviceType) => serviceType == typeof(string) ? "a service" : null;

        public ValueTask DisposeAsync()
        {
            socket.Scopes.Remove(this);
            return FailsToClose ? throw new InvalidOperationException("can't close") : default;
        }
    }
}

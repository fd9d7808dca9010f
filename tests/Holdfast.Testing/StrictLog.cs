using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Holdfast.Testing;

/// <summary>Keeps all warnings and errors, of the web server too, so that a test can fail for them; whatever a peer does must cause none.</summary>
public sealed class StrictLog : ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> Complaints { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var message = formatter(state, exception);
        if (logLevel >= LogLevel.Warning)
        {
            Complaints.Enqueue($"{logLevel}: {message} {exception}");
        }
    }

    public void Dispose()
    {
    }
}

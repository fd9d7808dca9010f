using BenchmarkDotNet.Attributes;
using Holdfast.Testing;

namespace Holdfast.Benchmarks;

/// <summary>From the bytes of a frame to the handler, and its answer to the outbox and out of it. The argument is a text of 128 characters.</summary>
public class Events
{
    private static readonly string Text = new('x', 128);
    private readonly byte[] _undecoded = Frame("42[\"undecoded\",\"");
    private readonly byte[] _decoded = Frame("42[\"decoded\",\"");
    private readonly byte[] _question = Frame("427[\"question\",\"");
    private OfflineServer _server = null!;
    private OfflineClient _client = null!;
    private ServerSocket _socket = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _server = new OfflineServer();
        _client = _server.Connect();
        _socket = _client.Socket;
        _socket.On("undecoded", static (EventArguments _) => { });
        _socket.On("decoded", static (string _) => { });
        _socket.On("question", static (EventArgument argument, EventContext context) => context.AckAsync(argument));
    }

    [GlobalCleanup]
    public void CleanUp() => _server.Dispose();

    [Benchmark(Description = "event in, arguments not decoded")]
    public void Undecoded() => _client.Receive(_undecoded);

    [Benchmark(Description = "event in, a text decoded")]
    public void Decoded() => _client.Receive(_decoded);

    [Benchmark(Description = "event in, its argument out as the ack")]
    public int AckOut()
    {
        _client.Receive(_question);
        return _client.Read();
    }

    [Benchmark(Description = "question out, answer in, and whoever awaits it goes on")]
    public Task<int> AckIn()
    {
        var answer = _socket.EmitWithAckAsync<int>("question");
        _client.Read();
        _client.AnswerQuestion();
        return answer;
    }

    [Benchmark(Description = "emit to one socket")]
    public int EmitToOne()
    {
        _socket.EmitAsync("event", Text);
        return _client.Read();
    }

    private static byte[] Frame(string start) => System.Text.Encoding.UTF8.GetBytes(start + Text + "\"]");
}

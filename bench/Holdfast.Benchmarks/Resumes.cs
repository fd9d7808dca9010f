using BenchmarkDotNet.Attributes;
using Holdfast.Testing;

namespace Holdfast.Benchmarks;

/// <summary>A client that was cut comes back: from its new session and its CONNECT to the last of the missed events out of the outbox. 100 of them, one after the other; the figures are those of one. The argument is a text of 64 characters, so that a replay is one slice.</summary>
public class Resumes
{
    private const int Clients = 100;
    private const int MostMissed = 2_000;
    private static readonly string Text = new('x', 64);
    private OfflineServer _server = null!;
    private OfflineClient[] _clients = null!;
    private OfflineClient _other = null!;
    private BroadcastOperator _room = null!;
    private readonly byte[][] _comingBack = new byte[Clients][];
    private int _missed;

    [GlobalSetup]
    public void SetUp() => Begin(1_000);

    [GlobalSetup(Targets = [nameof(AfterManyOlder), nameof(OthersMissedMany)])]
    public void SetUpLarge() => Begin(60_000);

    [GlobalSetup(Target = nameof(MissedMany))]
    public void SetUpMissed() => Begin(60_000);

    [GlobalCleanup]
    public void CleanUp() => _server.Dispose();

    [IterationSetup(Targets = [nameof(NothingMissed), nameof(AfterManyOlder)])]
    public void Cut() => Away(0, 0);

    [IterationSetup(Target = nameof(OthersMissedMany))]
    public void CutAndSendToOthers() => Away(50_000, 0);

    [IterationSetup(Target = nameof(MissedMany))]
    public void CutAndSend() => Away(0, MostMissed);

    [Benchmark(Description = "nothing missed, 1,000 events in the log", OperationsPerInvoke = Clients)]
    public void NothingMissed() => ComeBack();

    [Benchmark(Description = "nothing missed, 60,000 older events in the log", OperationsPerInvoke = Clients)]
    public void AfterManyOlder() => ComeBack();

    [Benchmark(Description = "nothing missed, 50,000 events to others meanwhile", OperationsPerInvoke = Clients)]
    public void OthersMissedMany() => ComeBack();

    [Benchmark(Description = "2,000 missed events", OperationsPerInvoke = Clients)]
    public void MissedMany() => ComeBack();

    private void Begin(int entries)
    {
        _server = OfflineServer.WithRecovery(options => options.MaxLogEntries = entries);
        _clients = _server.Connect(Clients);
        _other = _server.Connect();
        _other.Socket.JoinAsync("elsewhere");
        _room = _server.Io.To("elsewhere");
        SendToOthers(entries);
        _server.Io.EmitAsync("event", Text);
        foreach (var client in _clients)
            client.Read();
    }

    private void Away(int toOthers, int missed)
    {
        for (var i = 0; i < Clients; i++)
        {
            _clients[i].Cut();
            _comingBack[i] = _clients[i].ComingBack();
        }
        SendToOthers(toOthers);
        for (var i = 0; i < missed; i++)
        {
            _server.Io.EmitAsync("event", Text);
            _other.Read();
        }
        _missed = missed;
    }

    private void SendToOthers(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _room.EmitAsync("event", Text);
            _other.Read();
        }
    }

    private void ComeBack()
    {
        for (var i = 0; i < Clients; i++)
        {
            var read = _clients[i].ComeBack(_comingBack[i]);
            if (read != _missed)
                throw new InvalidOperationException($"{read} of {_missed} events came.");
        }
    }
}

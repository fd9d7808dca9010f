using System.Diagnostics;
using Holdfast.Load.Servers;
using Holdfast.Load.Wire;

namespace Holdfast.Load.Scenarios;

/// <summary>One run of one scenario against one server: the workers, the clients that they carry, and the clocks.</summary>
internal sealed class Stage(IReadOnlyList<Worker> workers, Target target, TimeSpan warmUp, TimeSpan length)
{
    private const int Handshakes = 64; // of one worker at a time
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10), s_shortest = TimeSpan.FromSeconds(1.5);
    private readonly List<Connection> _connections = [];
    private int _ready;
    private bool _measuring, _stopping;

    public IReadOnlyList<Worker> Workers => workers;

    public Target Target => target;

    public Verdict Verdict { get; } = new();

    public TimeSpan Length => length;

    /// <summary>The warm-up is over and the end has not come: times count.</summary>
    public bool Measuring => Volatile.Read(ref _measuring);

    /// <summary>Nobody starts anything new.</summary>
    public bool Stopping => Volatile.Read(ref _stopping);

    /// <summary>In the end clients say that they won't come back: a server that recovers sessions would keep those of a run for the next one.</summary>
    public bool Leaves { get; init; }

    /// <summary>Runs a scenario and clears up behind it. What goes wrong is its result.</summary>
    public Result Run(Scenario scenario, ServerProcess server)
    {
        try
        {
            return scenario.Run(this);
        }
        catch (Exception fault) when (fault is InvalidOperationException or TimeoutException)
        {
            return new Result(double.NaN, $"{fault.Message}; {Verdict}; the server said: {server.LastWords}");
        }
        finally
        {
            if (Leaves)
                Leave();
            Close();
            if (Cpu.IsAlive(target.Process))
                Settle();
        }
    }

    /// <summary>Opens the clients, each on the worker that <paramref name="worker"/> names, and returns when all are ready.</summary>
    public void Open<T>(IReadOnlyList<T> clients, Func<int, int> worker) where T : Connection, IMember
    {
        Keep(clients);
        Volatile.Write(ref _ready, 0);
        var lines = workers.Select(_ => new Queue<T>()).ToArray();
        for (var i = 0; i < clients.Count; i++)
            lines[worker(i) % workers.Count].Enqueue(clients[i]);
        for (var i = 0; i < workers.Count; i++)
        {
            var (line, opener) = (lines[i], workers[i]);
            void OpenNext()
            {
                if (!line.TryDequeue(out var next))
                    return;
                next.Opened = () => { Interlocked.Increment(ref _ready); OpenNext(); };
                opener.Open(next, target.Port);
            }
            opener.Post(() =>
            {
                for (var j = 0; j < Handshakes; j++)
                    OpenNext();
            });
        }
        WaitUntil(
            () => Volatile.Read(ref _ready) == clients.Count, TimeSpan.FromSeconds(60),
            () => $"{Volatile.Read(ref _ready)} of {clients.Count} clients are connected");
    }

    /// <summary>Remembers connections that are to be cut in the end.</summary>
    public void Keep(IEnumerable<Connection> connections) => _connections.AddRange(connections);

    /// <summary>Runs <paramref name="start"/> on each worker, warms the server up, and measures.</summary>
    public Measured Measure(Action<Worker> start, Func<long> outstanding)
    {
        foreach (var worker in workers)
            worker.Do(() => start(worker));
        WarmUp(Pass);
        Volatile.Write(ref _measuring, true);
        var before = Read();
        Pass(length);
        WaitUntil(() => Read().Count > before.Count, s_patience, () => ""); // on a machine that has no time for us
        var after = Read();
        Volatile.Write(ref _measuring, false);
        Volatile.Write(ref _stopping, true);
        WaitUntil(() => outstanding() == 0 || !Verdict.Ok, s_patience, () => "");
        if (Verdict.Ok && outstanding() is > 0 and var lost)
            Verdict.Fault("lost", $"no answer within {s_patience.TotalSeconds:0} s of the end", lost);
        return Measured.Between(before, after, target.Cores);
    }

    /// <summary>Lets <paramref name="work"/> go on for short whiles until the server is warm. A short warm-up is of a server that is known to be.</summary>
    public void WarmUp(Action<TimeSpan> work)
    {
        var warmth = new Warmth(target.Process);
        var started = Stopwatch.GetTimestamp();
        do
        {
            work(TimeSpan.FromMilliseconds(Math.Min(100, warmUp.TotalMilliseconds)));
        }
        while (warmUp < s_shortest ? Stopwatch.GetElapsedTime(started) < warmUp : !warmth.IsReached(warmUp));
    }

    public Reading Read() => new(
        Stopwatch.GetTimestamp(),
        Cpu.OfProcess(target.Process),
        workers.Sum(worker => Volatile.Read(ref worker.Count)),
        [.. workers.Select(worker => Cpu.OfThread(worker.ThreadId))]);

    /// <summary>Cuts every connection.</summary>
    public void Close()
    {
        foreach (var worker in workers)
        {
            worker.Do(() =>
            {
                (worker.Called, worker.Due, worker.Count, worker.Fault) = (null, long.MaxValue, 0, null);
                foreach (var connection in _connections)
                {
                    if (connection.Worker == worker)
                        worker.Cut(connection);
                }
            });
        }
        _connections.Clear();
    }

    private void Leave()
    {
        foreach (var worker in workers)
        {
            worker.Do(() =>
            {
                worker.Called = null;
                foreach (var client in _connections.OfType<Client>().Where(client => client.IsOpen && client.Worker == worker))
                {
                    client.Leave();
                    worker.Flush();
                }
            });
        }
        Settle();
    }

    /// <summary>Returns when the server has done what it had to do on account of those who left, but after two seconds at most.</summary>
    public void Settle()
    {
        for (var i = 0; i < 20; i++)
        {
            var before = Cpu.OfProcess(target.Process);
            Pass(TimeSpan.FromMilliseconds(100));
            if (Cpu.OfProcess(target.Process) - before < 0.003)
                return;
        }
    }

    public void WaitUntil(Func<bool> condition, TimeSpan limit, Func<string> state)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Check();
            if (Stopwatch.GetElapsedTime(started) > limit)
            {
                if (state() is { Length: > 0 } words)
                    throw new TimeoutException($"{words} after {limit.TotalSeconds:0} s");
                return;
            }
            Thread.Sleep(1);
        }
    }

    public void Pass(TimeSpan time)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) is var elapsed && elapsed < time)
        {
            Check();
            Thread.Sleep(TimeSpan.FromMilliseconds(Math.Min(100, Math.Max(1, (time - elapsed).TotalMilliseconds))));
        }
    }

    private void Check()
    {
        if (!Cpu.IsAlive(target.Process))
            throw new InvalidOperationException("the server has ended");
        foreach (var worker in workers)
        {
            if (worker.Fault != null)
                throw new InvalidOperationException(worker.Fault.Message, worker.Fault);
        }
    }
}

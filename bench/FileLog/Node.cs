using System.Diagnostics;
using System.Globalization;

namespace Holdfast.FileLogBench;

/// <summary>
/// One server and its clients, in a process of its own. Commands, each answered with one line:
/// <c>emits SECONDS</c>, as many as can be at once: how many per second, and microseconds of CPU for each;
/// <c>fill BYTES</c>, emits of 400 characters until the files are so large;
/// <c>latency SECONDS RATE</c>: emits at that rate; p50 and p99 in microseconds until it is told that each is written, and until a client of this process has it;
/// <c>heard</c>: the same two of what other processes have emitted since the last one began;
/// <c>connects COUNT</c>, one after the other: p50 and p99 in microseconds from the CONNECT to its answer.
/// </summary>
internal sealed class Node(WebApplication app, SocketIOServer io) : IDisposable
{
    /// <summary>Emits on their way at a time.</summary>
    private const int Pending = 64;

    private const string Away = "a room whose only member is away";
    private const string Text = "The train to the coast leaves from platform nine at noon ...";

    private readonly SemaphoreSlim _parked = new(0);
    private Receiver? _listener;

    private Uri Address => new(app.Urls.Single().Replace("http:", "ws:", StringComparison.Ordinal) + "/socket.io/?EIO=4&transport=websocket");

    public static async Task RunAsync(LogKind log, string folder)
    {
        var watch = Stopwatch.StartNew();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var socketIO = builder.Services.AddSocketIO(options =>
        {
            options.ConnectionStateRecovery = new();
            options.PingInterval = TimeSpan.FromHours(1); // nobody here answers
        });
        if (log.Sync is { } sync)
            socketIO.AddFileRecovery(folder, options => options.Sync = sync);
        await using var app = builder.Build();
        SocketIOServer io = null!;
        Node node = null!;
        app.MapSocketIO(server =>
        {
            io = server;
            server.OnConnection(async socket =>
            {
                if (socket.Handshake.Auth.Get<Wish>() is { Room: { } room })
                {
                    await socket.JoinAsync(room);
                    await socket.EmitAsync("joined");
                }
            });
            server.OnSessionParked((_, _) => { node._parked.Release(); });
        });
        node = new Node(app, io);
        await app.StartAsync();
        Say(watch.Elapsed.TotalMilliseconds);
        using (node)
            await node.ObeyAsync();
    }

    public void Dispose()
    {
        _listener?.Dispose();
        _parked.Dispose();
    }

    private async Task ObeyAsync()
    {
        while (await Console.In.ReadLineAsync() is { } line && line != "stop")
        {
            var words = line.Split(' ');
            var numbers = words[1..].Select(word => double.Parse(word, CultureInfo.InvariantCulture)).ToArray();
            switch (words[0])
            {
                case "emits":
                    await LoseOneAsync();
                    await EmitsAsync(Rows.WarmUpSeconds);
                    Say(await EmitsAsync(numbers[0]));
                    break;
                case "fill":
                    await LoseOneAsync();
                    await FillAsync((long)numbers[0]);
                    Say(0);
                    break;
                case "listen":
                    _listener = await Receiver.OpenAsync(Address, "listeners");
                    Say(0);
                    break;
                case "latency":
                    _listener!.Begin();
                    var told = await LatencyAsync(numbers[0], numbers[1]);
                    Say([.. Quantiles.Of(told), .. Quantiles.Of(_listener.Own)]);
                    break;
                case "heard":
                    Say(Quantiles.Of(_listener!.OfOthers));
                    break;
                case "connects":
                    Say(Quantiles.Of(await ConnectsAsync((int)numbers[0])));
                    break;
            }
        }
    }

    /// <summary>For whom all is kept, and nothing is sent.</summary>
    private async Task LoseOneAsync()
    {
        var client = await Receiver.OpenAsync(Address, Away);
        client.Dispose();
        if (!await _parked.WaitAsync(TimeSpan.FromSeconds(30)))
            throw new TimeoutException("The server has not noticed within 30 s that its client is gone.");
    }

    private async Task<double[]> EmitsAsync(double seconds)
    {
        var count = 0L;
        var cpu = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Pending).Select(_ => Task.Run(async () =>
        {
            var own = 0L;
            while (watch.Elapsed.TotalSeconds < seconds)
            {
                await io.To(Away).EmitAsync("news", own++, Text);
            }
            Interlocked.Add(ref count, own);
        })));
        var elapsed = watch.Elapsed.TotalSeconds;
        return [count / elapsed, (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / count];
    }

    private async Task FillAsync(long bytes)
    {
        var text = string.Concat(Enumerable.Repeat(Text, 7))[..400];
        for (var written = 0L; written < bytes;)
        {
            await Task.WhenAll(Enumerable.Range(0, 1000).Select(number => io.To(Away).EmitAsync("news", number, text)));
            written += 1000L * 500;
        }
    }

    private async Task<List<double>> LatencyAsync(double seconds, double perSecond)
    {
        List<double> told = [];
        List<Task> emits = [];
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1)); // it knows no parts of these, so the watch says how many are due
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed.TotalSeconds < seconds && await timer.WaitForNextTickAsync())
        {
            while (emits.Count < watch.Elapsed.TotalSeconds * perSecond)
                emits.Add(EmitAsync());
        }
        await Task.WhenAll(emits);
        return told;

        async Task EmitAsync()
        {
            var since = Stopwatch.GetTimestamp();
            await io.To("listeners").EmitAsync("time", since, Environment.ProcessId, Text);
            var took = Stopwatch.GetElapsedTime(since).TotalMicroseconds;
            lock (told)
                told.Add(took);
        }
    }

    private async Task<List<double>> ConnectsAsync(int count)
    {
        List<double> times = [];
        for (var i = -count / 5; i < count; i++)
        {
            var took = await Receiver.TimeConnectAsync(Address);
            if (i >= 0)
                times.Add(took.TotalMicroseconds);
        }
        return times;
    }

    private static void Say(params double[] numbers)
    {
        Console.Out.WriteLine(string.Join(' ', numbers.Select(number => number.ToString("R", CultureInfo.InvariantCulture))));
        Console.Out.Flush();
    }

    private sealed record Wish(string? Room);
}

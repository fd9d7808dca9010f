// The load that bench/compare puts on servers. bench/README.md says how to run it.

using System.Diagnostics;
using System.Runtime.InteropServices;
using Holdfast.Load;
using Holdfast.Load.Report;
using Holdfast.Load.Servers;
using Holdfast.Load.Studies;
using Holdfast.Load.Wire;

try
{
    var options = Options.Parse(args);
    if (options.Report.Count > 0)
    {
        Page.Write(options.Report.Select(Results.Read).Aggregate((results, later) => results.With(later)), options.Root);
        return 0;
    }
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave);
    using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Leave);
    AppDomain.CurrentDomain.ProcessExit += (_, _) => ServerProcess.EndAll();
    return Measure(options);
}
catch (Exception fault) when (fault is ArgumentException or InvalidOperationException)
{
    ServerProcess.EndAll();
    Console.Error.WriteLine($"bench/compare: {fault.Message}");
    return 2;
}

static int Measure(Options options)
{
    Builds.Prepare(options.Servers, options.Root);
    var started = Stopwatch.GetTimestamp();
    var results = new Results
    {
        Command = options.Command,
        Started = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm 'UTC'", null),
        Machine = Machine.Look(options.Root, options.Cores),
        Servers = options.Servers.ToDictionary(peer => peer.Name, peer => peer.Title),
        Rounds = options.Rounds,
        Seconds = options.Seconds,
        WarmUp = options.WarmUp,
    };
    options.Cores.Settle();
    var workers = options.Cores.Load.Select((core, index) => new Worker(index, core)).ToArray();
    new Tour(options, workers, figure =>
    {
        results.Figures.Add(figure);
        Console.WriteLine(Lines.Of(figure));
    }).Run();
    if (options.Servers.FirstOrDefault(peer => peer.Name == "holdfast") is { } ours && options.WantsStudies)
    {
        foreach (var (name, study) in Studies())
        {
            if (options.Wants(name))
                study.Run(ours);
        }
    }
    foreach (var worker in workers)
        worker.Dispose();

    results.Minutes = Stopwatch.GetElapsedTime(started).TotalMinutes;
    Console.WriteLine(Lines.Summary(results));
    if (options.Json != null)
        results.Write(options.Json);
    if (options.WritesPage)
        Page.Write(results, options.Root);
    return results.Figures.TrueForAll(figure => figure.Result.Ok) && results.Slices.TrueForAll(slice => slice.Result.Ok) ? 0 : 1;

    (string, Study)[] Studies() => [(RecoveryOverhead.Name, new RecoveryOverhead(options, workers, Keep)), (SlowReader.Name, new SlowReader(options, workers, Keep))];

    void Keep(Slice slice)
    {
        results.Slices.Add(slice);
        Console.WriteLine(Lines.Of(slice));
    }
}

static void Leave(PosixSignalContext context)
{
    ServerProcess.EndAll();
    Environment.Exit(130);
}

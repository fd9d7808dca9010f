// The load that bench/compare puts on servers. README.md in bench/ says how to run it.

using System.Globalization;
using System.Runtime.InteropServices;
using Holdfast.Load.Scenarios;
using Holdfast.Load.Servers;
using Holdfast.Load.Wire;

var options = Options.Parse(args);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave);
AppDomain.CurrentDomain.ProcessExit += (_, _) => ServerProcess.EndAll();

var cores = Environment.ProcessorCount >= 4 ? (Load: (int[])[2, 3], Server: (int[])[0, 1]) : ([1], [0]);
foreach (var thread in Directory.GetDirectories("/proc/self/task"))
    Cpu.Pin(int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), cores.Load);
var workers = cores.Load.Select((core, index) => new Worker(index, core)).ToArray();
var failed = false;
for (var round = 1; round <= options.Rounds; round++)
{
    foreach (var (width, scenarios) in Catalogue.All.Where(options.Wants).GroupBy(scenario => scenario.Cores).Select(group => (group.Key, group)))
    {
        if (width > cores.Server.Length)
        {
            Console.WriteLine($"({width}) rows need four cores: two for the server, two for the load");
            continue;
        }
        foreach (var peer in options.Servers)
        {
            using var server = ServerProcess.Start(peer, options.Recovery, cores.Server[..width]);
            var first = true;
            foreach (var scenario in scenarios)
            {
                var stage = new Stage(workers, server.Target, TimeSpan.FromSeconds(first ? options.WarmUp : options.WarmUp / 2), TimeSpan.FromSeconds(options.Seconds));
                first = false;
                Result result;
                try
                {
                    result = scenario.Run(stage);
                }
                catch (Exception fault) when (fault is InvalidOperationException or TimeoutException)
                {
                    Console.WriteLine($"{round} {scenario.Name,-14} {peer.Name,-12} FAILED {fault.Message}; {stage.Verdict}\n{server.LastWords}");
                    return 1;
                }
                stage.Close();
                failed |= !result.Ok;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{round} {scenario.Name,-14} {peer.Name,-12} {result.MicrosecondsPerMessage,9:0.00} us {result.PerSecond,10:0}/s   server {result.ServerShare,4:0%} load {result.LoadShare,4:0%}   {result.P50,7:0} {result.P99,7:0} us   {result.Verdict}"));
            }
        }
    }
}
foreach (var worker in workers)
    worker.Dispose();
return failed ? 1 : 0;

static void Leave(PosixSignalContext context)
{
    ServerProcess.EndAll();
    Environment.Exit(130);
}

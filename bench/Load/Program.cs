// The load that bench/compare puts on servers. bench/README.md says how to run it.

using System.Runtime.InteropServices;
using Holdfast.Load;
using Holdfast.Load.Servers;
using Holdfast.Load.Wire;

var options = Options.Parse(args);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Leave);
AppDomain.CurrentDomain.ProcessExit += (_, _) => ServerProcess.EndAll();

Builds.Prepare(options.Servers, options.Root);
options.Cores.Settle();
var workers = options.Cores.Load.Select((core, index) => new Worker(index, core)).ToArray();
var failed = false;
new Tour(options, workers, figure =>
{
    failed |= !figure.Result.Ok;
    Console.WriteLine(figure);
}).Run();
foreach (var worker in workers)
    worker.Dispose();
return failed ? 1 : 0;

static void Leave(PosixSignalContext context)
{
    ServerProcess.EndAll();
    Environment.Exit(130);
}

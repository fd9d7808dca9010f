// What a resume costs and what the log takes. README.md says how to run it and what its tables mean.

using Holdfast.RecoveryBench;

var quick = args.Contains("--quick");
var output = Console.Out;
var resumes = quick ? 100 : 1000;
var ok = true;

// Until everything is compiled as well as it will ever be.
for (var i = 0; i < (quick ? 1 : 15); i++)
    await ResumeCost.MeasureAsync(1000, 1000, TextWriter.Null, null, static _ => { });

await output.WriteLineAsync($"""
    {resumes:N0} resumes, {Traffic.Missed} missed events each; CONNECT sent to last missed event read, in microseconds

    | entries in the log | its bytes | heap it takes, estimate | mean | p50 | p99 | mean, ratio |
    | --- | --- | --- | --- | --- | --- | --- |
    """);
double? baseline = null;
foreach (var entries in quick ? (int[])[1000, 100_000] : [1000, 100_000, 1_000_000])
    ok &= await ResumeCost.MeasureAsync(entries, resumes, output, baseline, mean => baseline ??= mean);

var events = quick ? 200_000 : 500_000;
await output.WriteLineAsync($"""

    {events:N0} events into a log of 64 MiB

    | events | entries kept | highest bytes | heap they take | estimate |
    | --- | --- | --- | --- | --- |
    """);
for (var shape = 0; shape < LogBound.Shapes.Length; shape++)
    ok &= await LogBound.MeasureAsync(shape, events, output);

await output.WriteLineAsync(ok ? "\nnothing was lost, every resume was recovered, every bound held" : "\nFAULT: see above");
return ok ? 0 : 1;

// What it costs that the log of recovery is in files, and what it costs to share it. README.md says how to run it and what its tables mean.

using System.Globalization;
using Holdfast.FileLogBench;

if (args is ["node", var log, var folder])
{
    await Node.RunAsync(LogKind.Parse(log), folder);
    return 0;
}

var quick = args.Contains("--quick");
var at = Array.IndexOf(args, "--folder");
var parent = Path.GetFullPath(at < 0 ? Path.GetTempPath() : args[at + 1]);
var seconds = quick ? 2 : 8;
var output = Console.Out;

await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""
    {Environment.ProcessorCount} cores; the folder is on {new DriveInfo(parent).DriveFormat}; each figure is of {seconds} s after a warm-up of {Rows.WarmUpSeconds} s

    | log | processes | emits per second | CPU per emit, us | emit told, us: p50 | p99 | at a client of that process, us: p50 | p99 | of another one, us: p50 | p99 | CONNECT answered, us: p50 | p99 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    """));
List<Row> rows = [];
foreach (var processes in (int[])[1, 3])
{
    foreach (var kind in LogKind.All.Where(kind => kind.Sync is not null || processes == 1))
    {
        rows.Add(await Rows.MeasureAsync(kind, processes, parent, seconds, connects: quick ? 100 : 1000));
        await output.WriteLineAsync(rows[^1].ToString());
    }
}

await output.WriteLineAsync("""

    | one process, against memory | CPU per emit, us | emit told, us: p50 | p99 | at a client, us: p50 | p99 | CONNECT answered, us: p50 | p99 |
    | --- | --- | --- | --- | --- | --- | --- | --- |
    """);
foreach (var row in rows.Where(row => row.Processes == 1).Skip(1))
    await output.WriteLineAsync(row.Against(rows[0]));

await output.WriteLineAsync("""

    | what a start finds | bytes in the files | the host is ready after, ms |
    | --- | --- | --- |
    """);
foreach (var mebibytes in quick ? (int[])[0, 32] : [0, 256])
    await output.WriteLineAsync(await Rows.ReadBackAsync(mebibytes, parent));
return 0;

// One node of a log in a folder, as a process that can be stopped and killed: FileLogNode FOLDER [sync=Never|Interval|Always] [interval=MS] [segment=BYTES] [max=BYTES] [boot=NUMBER] [digest=off]
// It says "started ID MS", how long reading what was there took, and then does what it is told, a line each:
//   flood NAME        appends NAME-1, NAME-2 ... for ever, 16 at a time, and says "ack NAME-K" for each that is in the log, in their order
//   append NAME COUNT the same so many times; says "done"
//   digest            says "digest COUNT HASH" of all records that it has read, when it has read everything that is there
//   gone              says "gone COUNT", how many nodes it has seen go
//   stop              ends cleanly
// and with "measure ..." it prints figures: see Measure.cs.

using System.Diagnostics;
using System.Globalization;
using System.Text;
using Holdfast;
using Holdfast.FileLogNode;
using Holdfast.Recovery;
using Holdfast.Recovery.Files;

var settings = args.Skip(1).Select(arg => arg.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
long Setting(string name, long usual) => settings.TryGetValue(name, out var text) ? long.Parse(text, CultureInfo.InvariantCulture) : usual;
var options = new FileLogOptions
{
    Folder = args[0],
    ApplicationName = static () => "test",
    Sync = Enum.Parse<FileSyncMode>(settings.GetValueOrDefault("sync", "Never")),
    SyncInterval = TimeSpan.FromMilliseconds(Setting("interval", 10)),
    SegmentSize = (int)Setting("segment", 16 * 1024 * 1024),
    MaxBytes = Setting("max", 1L << 40),
    Window = TimeSpan.FromHours(1),
    BootId = settings.ContainsKey("boot") ? (UInt128)Setting("boot", 0) : null,
};

var reader = new DigestReader(sums: settings.GetValueOrDefault("digest", "on") == "on");
await using var log = new FileLog(options);
var watch = Stopwatch.StartNew();
await log.StartAsync(reader, CancellationToken.None);
Say($"started {log.NodeId} {watch.ElapsedMilliseconds}");

while (Console.ReadLine() is { } line && line != "stop")
{
    var words = line.Split(' ');
    switch (words[0])
    {
        case "flood":
            _ = AppendAsync(words[1], int.MaxValue);
            break;
        case "append":
            await AppendAsync(words[1], int.Parse(words[2], CultureInfo.InvariantCulture));
            Say("done");
            break;
        case "digest":
            await log.CatchUpAsync(CancellationToken.None);
            Say(reader.Digest);
            break;
        case "gone":
            Say($"gone {reader.Gone}");
            break;
        case "measure":
            await Measure.RunAsync(words[1..], log, reader);
            break;
    }
}

async Task AppendAsync(string name, int count)
{
    Queue<(string Text, Task Done)> pending = new();
    for (var i = 1; i <= count || pending.Count > 0; i++)
    {
        if (i <= count)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{name}-{i}");
            pending.Enqueue((text, log.AppendAsync(LogRecordKind.FirstOfServer, Encoding.UTF8.GetBytes(text.PadRight(100 + (i % 400))))));
        }
        if (pending.Count < 16 && i < count)
            continue;
        var (acked, done) = pending.Dequeue();
        await done;
        Say($"ack {acked}");
    }
}

static void Say(string line)
{
    Console.Out.Write(line + "\n");
    Console.Out.Flush();
}

// Our side of the comparison: three servers that differ in their options, each told over HTTP what to do. original.mjs is the other side, with the same operations.

using Holdfast.OriginalPeer;

var plain = await Peer.StartAsync(_ => { });
var small = await Peer.StartAsync(options =>
{
    options.ConnectionStateRecovery!.MaxLogEntries = 10;
    options.PingInterval = TimeSpan.FromMilliseconds(100);
});
var checks = await Peer.StartAsync(options => options.ConnectionStateRecovery!.SkipMiddlewares = false);

Console.WriteLine($"listening plain={plain.Port} small={small.Port} checked={checks.Port}");
await plain.App.WaitForShutdownAsync();

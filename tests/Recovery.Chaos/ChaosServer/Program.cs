// The oracle server and what chaos needs besides: leaving a room, and what happens to a socket from outside, whether it is connected or away.
//     dotnet ChaosServer.dll PORT [--bus memory|files --url FOLDER ...]

using Holdfast.ChaosServer;

if (ChaosOptions.Read(args) is not { } options)
{
    Console.Error.WriteLine($"usage: ChaosServer {ChaosOptions.Usage}");
    return 2;
}

await ChaosApp.RunAsync(options);
return 0;

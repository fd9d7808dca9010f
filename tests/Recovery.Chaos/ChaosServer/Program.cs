// The oracle server and what chaos needs besides: leaving a room, and what happens to a socket from outside, whether it is connected or away.
//     dotnet ChaosServer.dll PORT

using System.Globalization;
using Holdfast.ChaosServer;

if (args is not [var argument] || !ushort.TryParse(argument, CultureInfo.InvariantCulture, out var port))
{
    Console.Error.WriteLine("usage: ChaosServer PORT");
    return 2;
}

await ChaosApp.RunAsync(port);
return 0;

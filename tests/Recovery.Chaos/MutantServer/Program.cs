// The chaos server over a server library that is broken on purpose in one place.
//     dotnet MutantServer.dll PORT --mutate NAME

using System.Globalization;
using Holdfast.ChaosServer;
using Holdfast.MutantServer;

if (args is not [var argument, "--mutate", var name] || !ushort.TryParse(argument, CultureInfo.InvariantCulture, out var port))
{
    Console.Error.WriteLine("usage: MutantServer PORT --mutate NAME");
    return 2;
}
if (!Mutation.TryChoose(name))
{
    Console.Error.WriteLine($"no mutation is called {name}; there are {string.Join(", ", Mutation.Names)}");
    return 2;
}

await ChaosApp.RunAsync(port);
return 0;

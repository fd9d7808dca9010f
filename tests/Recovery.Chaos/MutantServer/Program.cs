// The chaos server over a server library that is broken on purpose in one place.
//     dotnet MutantServer.dll PORT --mutate NAME [--bus memory|files --url FOLDER ...]

using Holdfast.ChaosServer;
using Holdfast.MutantServer;

if (args is not [var port, "--mutate", var name, .. var more] || ChaosOptions.Read([port, .. more]) is not { } options)
{
    Console.Error.WriteLine($"usage: MutantServer PORT --mutate NAME {ChaosOptions.Usage[5..]}");
    return 2;
}
if (!Mutation.TryChoose(name))
{
    Console.Error.WriteLine($"no mutation is called {name}; there are {string.Join(", ", Mutation.Names)}");
    return 2;
}

await ChaosApp.RunAsync(options);
return 0;

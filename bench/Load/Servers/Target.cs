using Holdfast.Load.Wire;

namespace Holdfast.Load.Servers;

/// <summary>A server that runs.</summary>
internal sealed record Target(int Process, int Port, Dialect Dialect, int Cores);

namespace Holdfast.Recovery.Files;

/// <summary>A file is on the disk up to there. Told before anybody who waited for it.</summary>
internal delegate void SyncWitness(string path, long length);

/// <summary>Registered as a service by a test that takes the power off a machine, or fills its disk: the log runs on this one then.</summary>
/// <param name="BootId">Names this run of it.</param>
/// <param name="Witness">Told of what a loss of power would leave.</param>
/// <param name="Append">How bytes get behind the end of a file.</param>
internal sealed record SimulatedMachine(UInt128 BootId, SyncWitness Witness, AppendCall Append);

using System.Globalization;
using Holdfast.Load.Wire;

namespace Holdfast.Load.Servers;

/// <summary>
/// Which cores the servers have, and which the load. Two runs on one machine take turns at a core, figure by figure: a figure that was taken while
/// two programs shared a core is worth nothing.
/// </summary>
internal sealed record Cores(int[] Server, int[] Load)
{
    /// <summary>False where no figure is wanted: then nobody waits.</summary>
    public bool TakesTurns { get; init; } = true;

    /// <summary>Two and two of four; one and one of two or three.</summary>
    public static Cores OfThisMachine => Environment.ProcessorCount >= 4 ? new([0, 1], [2, 3]) : new([0], [Math.Min(1, Environment.ProcessorCount - 1)]);

    /// <summary><c>0,1/2,3</c>: those of the servers, and those of the load.</summary>
    public static Cores Parse(string text)
    {
        var sides = text.Split('/');
        return sides.Length == 2 ? new(Numbers(sides[0]), Numbers(sides[1])) : throw new ArgumentException($"'{text}' are no cores; like 0,1/2,3");

        static int[] Numbers(string list) => [.. list.Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
    }

    /// <summary>This process, with the threads that the runtime has started, stays on the load's cores.</summary>
    public void Settle()
    {
        foreach (var thread in Directory.GetDirectories("/proc/self/task"))
            Cpu.Pin(int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), Load);
    }

    /// <summary>Waits until no other run uses one of these cores. The kernel gives them back when the process ends, however it ends.</summary>
    public IDisposable Take(int width)
    {
        var held = new Held();
        foreach (var core in Server[..width].Concat(Load).Where(_ => TakesTurns).Order())
        {
            FileStream? file;
            while ((file = TryTake(core)) == null)
                Thread.Sleep(50);
            held.Files.Add(file);
        }
        return held;
    }

    private static FileStream? TryTake(int core)
    {
        try
        {
            return new FileStream(Path.Combine(Path.GetTempPath(), $"holdfast-bench-core-{core}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private sealed class Held : IDisposable
    {
        public List<FileStream> Files { get; } = [];

        public void Dispose() => Files.ForEach(file => file.Dispose());
    }
}

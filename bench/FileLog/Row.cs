using System.Globalization;

namespace Holdfast.FileLogBench;

/// <summary>What one log does with a number of processes. Times in microseconds, p50 and p99.</summary>
/// <param name="Name">Of the log.</param>
/// <param name="Processes">How many share it.</param>
/// <param name="Emits">Per second, all processes together.</param>
/// <param name="Cpu">Per emit, in microseconds.</param>
/// <param name="Told">Until an emit has completed.</param>
/// <param name="Here">Until a client of the same process has it.</param>
/// <param name="Elsewhere">Until a client of another process has it.</param>
/// <param name="Connect">Until a CONNECT is answered.</param>
internal sealed record Row(string Name, int Processes, double Emits, double Cpu, double[] Told, double[] Here, double[] Elsewhere, double[] Connect)
{
    public override string ToString() =>
        Line([Name, Text(Processes), Text(Emits), Cpu.ToString("N1", CultureInfo.InvariantCulture), .. Told.Concat(Here).Concat(Elsewhere).Concat(Connect).Select(Text)]);

    /// <summary>What it adds to the times of another one.</summary>
    public string Against(Row other) =>
        Line([Name, (Cpu - other.Cpu).ToString("+0.0;-0.0;0", CultureInfo.InvariantCulture), .. More(Told, other.Told), .. More(Here, other.Here), .. More(Connect, other.Connect)]);

    private static IEnumerable<string> More(double[] times, double[] others) =>
        times.Zip(others, (time, other) => (time - other).ToString("+#,0;-#,0;0", CultureInfo.InvariantCulture));

    private static string Text(double number) => double.IsNaN(number) ? "-" : number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";
}

using System.Text;
using Holdfast.Load.Studies;

namespace Holdfast.Load.Report;

/// <summary>docs/performance.md and its charts: page.template beside this file, with the figures put in.</summary>
internal static class Page
{
    public static void Write(Results results, string root)
    {
        var here = Path.Combine(root, "bench", "Load", "Report");
        var misses = Misses.Of(results, File.ReadAllText(Path.Combine(here, "notes.md")));
        var page = new StringBuilder(File.ReadAllText(Path.Combine(here, "page.template")))
            .Replace("{{summary}}", Summary(results, misses.Count))
            .Replace("{{rows}}", Tables.Rows(results))
            .Replace("{{throughput}}", Tables.Throughput(results))
            .Replace("{{latency}}", Tables.Latency(results))
            .Replace("{{shares}}", Tables.Shares(results))
            .Replace("{{memory}}", Tables.Memory(results))
            .Replace("{{recovery}}", Tables.Compared(results, RecoveryOverhead.Name))
            .Replace("{{slow}}", Tables.Compared(results, SlowReader.Name))
            .Replace("{{missed}}", misses.Count == 0 ? "None." : string.Join("\n\n", misses))
            .Replace("{{checks}}", Checks(results))
            .Replace("{{machine}}", Machine(results));
        File.WriteAllText(Path.Combine(root, "docs", "performance.md"), page.ToString().TrimEnd() + "\n");

        var charts = Path.Combine(root, "docs", "performance");
        Directory.CreateDirectory(charts);
        foreach (var chart in Chart.All)
            File.WriteAllText(Path.Combine(charts, chart.File), chart.Draw(results));
    }

    private static string Summary(Results results, int missed)
    {
        var targets = missed == 0 ? "All targets are met" : missed == 1 ? "One target is missed" : $"{missed} targets are missed";
        return $"{targets}. Measured {Run(results)}.{string.Concat(results.Repeated.Select(later => $" What `{later.Command}` measures was measured once more: {Run(later)}."))}";

        static string Run(Results run) => $"{run.Started}, on commit {run.Machine.Commit}, in {run.Minutes:0} minutes with `{run.Command}`";
    }

    private static string Checks(Results results)
    {
        var wrong = results.Figures.Where(figure => !figure.Result.Ok).Select(figure => $"- {Run(figure)}: {figure.Result.Verdict}")
            .Concat(results.Slices.Where(slice => !slice.Result.Ok).Select(slice => $"- {slice.Study}, {slice.Scenario}, {slice.Variant}: {slice.Result.Verdict}"))
            .ToArray();
        var doubtful = results.Figures.Where(figure => figure.Result.Doubt != null).Select(figure => $"- doubtful: {Run(figure)}: {figure.Result.Doubt}").ToArray();
        var text = new StringBuilder($"{results.Figures.Count + results.Slices.Count} runs, {wrong.Length} of them with a wrong answer.");
        if (results.Cell("holdfast", "resume-live").Sum(figure => figure.Result.Value) is > 0 and var live)
            text.Append($" Of {live:#,0} events that went on while all receivers were cut and came back again and again, Holdfast lost, doubled and exchanged none.");
        if (wrong.Length + doubtful.Length > 0)
            text.Append($" A run with a wrong answer has no figure in the tables; one that is called doubtful has:\n\n{string.Join('\n', wrong.Concat(doubtful))}");
        return text.ToString();

        string Run(Figure figure) => $"round {figure.Round}, {figure.Scenario}, {results.Servers[figure.Server]}";
    }

    private static string Machine(Results results)
    {
        var machine = results.Machine;
        return Tables.Table(["", ""],
        [
            ["cores", $"{machine.CoreCount}: servers on {machine.ServerCores}, or the first of them in the rows marked (1), load on {machine.LoadCores}"],
            ["processor", machine.Processor],
            ["system", $"{machine.System}, kernel {machine.Kernel}"],
            [".NET", machine.DotNet],
            ["Node", $"{machine.Node}, socket.io {machine.SocketIO}"],
            ["Bun", machine.Bun],
            ["rounds", $"{results.Rounds}, each figure over {results.Seconds} s"],
            ["warm-up", $"at least {results.WarmUp} s, or {results.WarmUp / 2} s where the process was warm from the row before; and until a runtime that compiles as it goes had been quiet for 5 s"],
        ]);
    }
}

using System.Globalization;
using System.Text;
using Holdfast.Load.Scenarios;
using Holdfast.Load.Studies;

namespace Holdfast.Load.Report;

/// <summary>docs/performance.md and its charts: page.md beside this file, with the figures put in. notes.md has, by row, the words that stand under the table when the row's target is missed.</summary>
internal static class Page
{
    public static void Write(Results results, string root)
    {
        var here = Path.Combine(root, "bench", "Load", "Report");
        var page = new StringBuilder(File.ReadAllText(Path.Combine(here, "page.md")));
        var missed = Misses(results, Notes(File.ReadAllText(Path.Combine(here, "notes.md"))));
        page.Replace("{{summary}}", Summary(results, missed.Count))
            .Replace("{{rows}}", Tables.Rows(results))
            .Replace("{{throughput}}", Tables.Throughput(results))
            .Replace("{{latency}}", Tables.Latency(results))
            .Replace("{{shares}}", Tables.Shares(results))
            .Replace("{{memory}}", Tables.Memory(results))
            .Replace("{{recovery}}", Tables.Studies(results, RecoveryOverhead.Name))
            .Replace("{{slow}}", Tables.Studies(results, SlowReader.Name))
            .Replace("{{missed}}", missed.Count == 0 ? "None." : string.Join("\n\n", missed))
            .Replace("{{checks}}", Checks(results))
            .Replace("{{machine}}", Describe(results));
        File.WriteAllText(Path.Combine(root, "docs", "performance.md"), page.ToString().TrimEnd() + "\n");

        var charts = Path.Combine(root, "docs", "performance");
        Directory.CreateDirectory(charts);
        foreach (var chart in Charts.All)
            File.WriteAllText(Path.Combine(charts, chart.File), chart.Draw(results));
    }

    private static string Summary(Results results, int missed) => string.Create(CultureInfo.InvariantCulture,
        $"{(missed == 0 ? "All targets are met" : missed == 1 ? "One target is missed" : $"{missed} targets are missed")}. Measured {results.Started}, on commit {results.Machine.Commit}, in {results.Minutes:0} minutes with `{results.Command}`.");

    private static List<string> Misses(Results results, Dictionary<string, string> notes)
    {
        var misses = new List<string>();
        foreach (var target in Target.All)
        {
            var scenario = Catalogue.All.First(scenario => scenario.Name == target.Scenario);
            if (target.Reached(results) is not { } reached)
                Add("was not measured in this run", scenario.Name);
            else if (reached > target.Most)
                Add($"{Tables.Said(target, reached)} instead of {Tables.Said(target, target.Most)}, {Tables.Percent(reached / target.Most - 1)} above the target", scenario.Name);
            if (target.Throughput is { } times && target.ReachedThroughput(results) is { } throughput && throughput < times)
                Add($"{Lines.Number(throughput)} times Node's throughput instead of {Lines.Number(times)}", scenario.Name + " throughput");
            if (results.Ratio("holdfast", "signalr", scenario.Name, figure => figure.Result.Value) is > 1 and var more)
                Add($"{Tables.Percent(more - 1)} above SignalR", scenario.Name + " signalr");

            void Add(string words, string note) => misses.Add($"**{scenario.Title} ({scenario.Cores})**: {words}. {notes.GetValueOrDefault(note, "")}".TrimEnd());
        }
        foreach (var (study, most) in new[] { (RecoveryOverhead.Name, RecoveryOverhead.Most), (SlowReader.Name, SlowReader.Most) })
        {
            foreach (var slices in results.Slices.Where(slice => slice.Study == study).GroupBy(slice => slice.Scenario))
            {
                if (Comparison.Of(slices, Study.With) is var reached && reached > most)
                    misses.Add($"**{(study == RecoveryOverhead.Name ? $"recovery, {slices.Key}" : "slow reader")}**: {Lines.Number(reached)} times as much as without instead of {Lines.Number(most)}. {notes.GetValueOrDefault(study, "")}".TrimEnd());
            }
        }
        return misses;
    }

    // A heading of the second level names the row; what stands below is its note.
    private static Dictionary<string, string> Notes(string text) => text.Split("\n## ").Skip(1)
        .Select(part => part.Split('\n', 2)).ToDictionary(part => part[0].Trim(), part => part.ElementAtOrDefault(1)?.Trim() ?? "");

    private static string Checks(Results results)
    {
        var faults = results.Figures.Where(figure => !figure.Result.Ok).Select(figure => $"- round {figure.Round}, {figure.Scenario}, {results.Servers[figure.Server]}: {figure.Result.Verdict}")
            .Concat(results.Slices.Where(slice => !slice.Result.Ok).Select(slice => $"- {slice.Study}, {slice.Scenario}, {slice.Variant}: {slice.Result.Verdict}"))
            .Concat(results.Figures.Where(figure => figure.Result.Doubt != null).Select(figure => $"- doubtful: round {figure.Round}, {figure.Scenario}, {results.Servers[figure.Server]}: {figure.Result.Doubt}")).ToArray();
        var live = results.Cell("holdfast", "resume-live").Sum(figure => figure.Result.Value);
        var words = string.Create(CultureInfo.InvariantCulture, $"{results.Figures.Count + results.Slices.Count} runs, {results.Figures.Count(figure => !figure.Result.Ok) + results.Slices.Count(slice => !slice.Result.Ok)} of them with a wrong answer.")
            + (live > 0 ? string.Create(CultureInfo.InvariantCulture, $" Of {live:#,0} events that went on while all receivers were cut and came back again and again, Holdfast lost, doubled and exchanged none.") : "");
        return faults.Length == 0 ? words : $"{words} A run with a wrong answer has no figure in the tables; one that is called doubtful has:\n\n{string.Join('\n', faults)}";
    }

    private static string Describe(Results results)
    {
        var machine = results.Machine;
        return $"""
            | | |
            | --- | --- |
            | cores | {machine.CoreCount}: servers on {machine.ServerCores}, or the first of them in the rows marked (1), load on {machine.LoadCores} |
            | processor | {machine.Processor} |
            | system | {machine.System}, kernel {machine.Kernel} |
            | .NET | {machine.DotNet} |
            | Node | {machine.Node}, socket.io {machine.SocketIO} |
            | Bun | {machine.Bun} |
            | rounds | {results.Rounds}, each figure {results.Seconds.ToString(CultureInfo.InvariantCulture)} s long, after at least {results.WarmUp.ToString(CultureInfo.InvariantCulture)} s of warm-up, or {(results.WarmUp / 2).ToString(CultureInfo.InvariantCulture)} where the process was warm from the row before; up to 20 s more, until the cost of a message fell no further |
            """;
    }
}

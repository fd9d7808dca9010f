using Holdfast.Load.Scenarios;
using Holdfast.Load.Studies;

namespace Holdfast.Load.Report;

/// <summary>Which targets were missed, and by how much. Behind each stands what notes.md says about it, under a heading that names the row.</summary>
internal static class Misses
{
    public static List<string> Of(Results results, string text)
    {
        var notes = text.Split("\n## ").Skip(1).Select(part => part.Split('\n', 2))
            .ToDictionary(part => part[0].Trim(), part => part.ElementAtOrDefault(1)?.Trim() ?? "");
        return
        [
            .. Target.All.SelectMany(target => OfRow(results, target)).Concat(OfStudies(results))
                .Select(miss => $"**{miss.Title}**: {miss.Words}. {notes.GetValueOrDefault(miss.Note, "")}".TrimEnd()),
        ];
    }

    private static IEnumerable<(string Title, string Words, string Note)> OfRow(Results results, Target target)
    {
        var row = Catalogue.Named(target.Scenario);
        var title = $"{row.Title} ({row.Cores})";
        if (target.Reached(results) is not { } reached)
            yield return (title, "was not measured in this run", row.Name);
        else if (reached > target.Most)
        {
            var above = Tables.Percent(reached / target.Most - 1);
            yield return (title, $"{Tables.Said(target, reached)} instead of {Tables.Said(target, target.Most)}, {above} above the target", row.Name);
        }
        if (target.Throughput is { } times && target.ReachedThroughput(results) is { } throughput && throughput < times)
            yield return (title, $"{Lines.Number(throughput)} times Node's throughput instead of {Lines.Number(times)}", row.Name + " throughput");
        if (row.Name != "idle" && results.Ratio("holdfast", "signalr", row.Name, figure => figure.Result.Value) is > 1 and var more)
            yield return (title, $"{Tables.Percent(more - 1)} above SignalR's CPU", row.Name + " signalr");
    }

    private static IEnumerable<(string Title, string Words, string Note)> OfStudies(Results results)
    {
        foreach (var (study, most) in new[] { (RecoveryOverhead.Name, RecoveryOverhead.Most), (SlowReader.Name, SlowReader.Most) })
        {
            foreach (var slices in results.Slices.Where(slice => slice.Study == study).GroupBy(slice => slice.Scenario))
            {
                var title = study == SlowReader.Name ? "slow reader" : $"recovery switched on, {Catalogue.Named(slices.Key).Title}";
                if (Comparison.Of(slices, Study.With) is var reached && reached > most)
                    yield return (title, $"{Lines.Number(reached)} times as much as without instead of {Lines.Number(most)}", study);
            }
        }
    }
}

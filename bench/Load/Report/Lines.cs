using System.Text;
using Holdfast.Load.Scenarios;
using Holdfast.Load.Studies;

namespace Holdfast.Load.Report;

/// <summary>What a run prints: a line for each figure as it comes, and a table at the end.</summary>
internal static class Lines
{
    public static string Of(Figure figure) => $"{figure.Round} {figure.Scenario,-15} {figure.Server,-10} {Of(figure.Result)}";

    public static string Of(Slice slice) => $"{slice.Number} {slice.Study,-11} {slice.Scenario,-12} {slice.Variant,-15} {Of(slice.Result)}";

    /// <summary>Medians, and in brackets their relation to Node, or to the first server if Node was not there.</summary>
    public static string Summary(Results results)
    {
        var text = new StringBuilder();
        var servers = results.Servers.Keys.ToArray();
        var measure = servers.Contains("node") ? "node" : servers[0];
        text.Append($"\n{"medians",-16}{string.Concat(servers.Select(server => $"{server,20}"))}\n");
        foreach (var scenario in Catalogue.All.Where(scenario => results.Figures.Exists(figure => figure.Scenario == scenario.Name)))
        {
            text.Append($"{scenario.Name,-16}");
            foreach (var server in servers)
            {
                var value = results.Median(server, scenario.Name, figure => figure.Result.Value);
                var ratio = results.Ratio(server, measure, scenario.Name, figure => figure.Result.Value);
                text.Append($"{(value == null ? "-" : $"{Number(value.Value)} ({ratio:0.00})"),20}");
            }
            text.AppendLine();
        }
        foreach (var study in results.Slices.GroupBy(slice => (slice.Study, slice.Scenario)))
        {
            var (with, again) = (Comparison.Of(study, Study.With), Comparison.Of(study, Study.Again));
            text.AppendLine($"{study.Key.Study} {study.Key.Scenario}: with/without {with:0.000}, without/without {again:0.000}");
        }
        text.Append($"{results.Minutes:0.0} minutes");
        return text.ToString();
    }

    public static string Number(double value) => value.ToString(value < 10 ? "0.00" : value < 100 ? "0.0" : "#,0");

    private static string Of(Result result)
    {
        var line = new StringBuilder();
        line.Append($"{result.Value,10:0.00}");
        if (result.PerSecond != null)
            line.Append($" {result.PerSecond,8:0}/s  cores used: server {result.ServerShare,4:0%}, load {result.LoadShare,4:0%}");
        if (result.P50 != null)
            line.Append($"  p50 {result.P50:0} p99 {result.P99:0} us");
        if (result.Second != null)
            line.Append($"  second {result.Second:0.00}");
        if (result.Storm != null)
            line.Append($"  storm {result.Storm / 1000:0.0} ms");
        if (result.Doubt != null)
            line.Append($"  DOUBTFUL: {result.Doubt};");
        return line.Append("  ").Append(result.Verdict).ToString();
    }
}

using Holdfast.Load.Scenarios;
using Holdfast.Load.Studies;

namespace Holdfast.Load.Report;

/// <summary>The tables of the page.</summary>
internal static class Tables
{
    private static readonly string[] s_messages = ["echo-8", "echo-1", "echo-rate", "broadcast-1", "broadcast-2", "rooms", "polling", "connecting"];

    /// <summary>A ratio or a value, in the words of the target.</summary>
    public static string Said(Target target, double value) => target.Kind switch
    {
        Against.Node => $"{value:0.00}",
        Against.OwnResume => $"{value:0.00} times the first resume row",
        _ => $"{Lines.Number(value)} {Catalogue.Named(target.Scenario).Unit}",
    };

    public static string Percent(double part) => $"{part * 100:0} %";

    public static string Rows(Results results) => Table(
        ["scenario, server on (cores)", .. results.Servers.Values, "Holdfast to Node", "to SignalR", "target", ""],
        Target.All.Select(target => (string[])
        [
            Heading(target.Scenario),
            .. results.Servers.Keys.Select(server => Cell(results, server, target.Scenario, figure => figure.Result.Value, Catalogue.Named(target.Scenario).Unit)),
            Ratio(results, "node", target.Scenario),
            Ratio(results, "signalr", target.Scenario),
            Said(target, target.Most),
            Judged(target, target.Reached(results)),
        ]));

    public static string Throughput(Results results) => Table(
        ["scenario (cores)", .. results.Servers.Values, "Holdfast to Node", "target"],
        s_messages.Where(scenario => scenario != "echo-rate").Select(scenario => (string[])
        [
            Heading(scenario),
            .. results.Servers.Keys.Select(server => Cell(results, server, scenario, figure => figure.Result.PerSecond / 1000, "")),
            results.Ratio("holdfast", "node", scenario, figure => figure.Result.PerSecond) is { } ratio ? Lines.Number(ratio) : "-",
            Target.All.First(target => target.Scenario == scenario).Throughput is { } times ? Lines.Number(times) : "",
        ]));

    public static string Latency(Results results) => Table(
        ["", "p50", "p99"],
        results.Servers.Select(server => (string[])
        [
            server.Value,
            Cell(results, server.Key, "echo-rate", figure => figure.Result.P50, "us"),
            Cell(results, server.Key, "echo-rate", figure => figure.Result.P99, "us"),
        ]));

    public static string Memory(Results results) => Table(
        ["", "the first 10,000", "the second 10,000"],
        results.Servers.Select(server => (string[])
        [
            server.Value,
            Cell(results, server.Key, "idle", figure => figure.Result.Value, "KiB"),
            Cell(results, server.Key, "idle", figure => figure.Result.Second, "KiB"),
        ]));

    public static string Shares(Results results) => Table(
        ["scenario (cores)", .. results.Servers.Values],
        s_messages.Select(scenario => (string[])
        [
            Heading(scenario),
            .. results.Servers.Keys.Select(server => results.Median(server, scenario, figure => figure.Result.ServerShare) is { } share
                ? $"{share * 100:0} / {results.Median(server, scenario, figure => figure.Result.LoadShare) * 100:0}"
                : "-"),
        ]));

    public static string Compared(Results results, string study) => Table(
        ["", "without", "with", "with to without", "without to without"],
        results.Slices.Where(slice => slice.Study == study).GroupBy(slice => slice.Scenario).Select(slices => (string[])
        [
            study == SlowReader.Name ? "broadcast to 500 at 200/s, p99 (2)" : Heading(slices.Key),
            Spread(Comparison.Values(slices, Study.Without), "us"),
            Spread(Comparison.Values(slices, Study.With), "us"),
            Spread(Comparison.Ratios(slices, Study.With), ""),
            Spread(Comparison.Ratios(slices, Study.Again), ""),
        ]));

    public static string Table(string[] heads, IEnumerable<string[]> rows) =>
        string.Join('\n', rows.Prepend([.. heads.Select(_ => "---")]).Prepend(heads).Select(row => $"| {string.Join(" | ", row)} |"));

    private static string Judged(Target target, double? reached) => reached switch
    {
        null => "-",
        _ when reached > target.Most => $"**missed by {Percent(reached.Value / target.Most - 1)}**",
        _ when target.Kind == Against.OwnResume => $"met ({reached:0.00})",
        _ => "met",
    };

    private static string Heading(string scenario) => Catalogue.Named(scenario) is var row ? $"{row.Title} ({row.Cores})" : "";

    private static string Cell(Results results, string server, string scenario, Func<Figure, double?> of, string unit) =>
        Spread([.. results.Cell(server, scenario).Select(of).OfType<double>()], unit);

    // The median, and in brackets the lowest and the highest.
    private static string Spread(double[] values, string unit)
    {
        if (values.Length == 0)
            return "-";
        var text = $"{Lines.Number(Statistics.Median(values))} {unit}".TrimEnd();
        return values.Length == 1 ? text : $"{text} ({Lines.Number(values.Min())} - {Lines.Number(values.Max())})";
    }

    private static string Ratio(Results results, string other, string scenario) =>
        results.Ratio("holdfast", other, scenario, figure => figure.Result.Value) is { } ratio ? $"{ratio:0.00}" : "-";
}

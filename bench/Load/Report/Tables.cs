using System.Globalization;
using System.Text;
using Holdfast.Load.Scenarios;
using Holdfast.Load.Studies;

namespace Holdfast.Load.Report;

/// <summary>The tables of the page.</summary>
internal static class Tables
{
    /// <summary>A ratio or a value, in the words of the target.</summary>
    public static string Said(Target target, double value) => target.Kind switch
    {
        Against.Node => Text($"{value:0.00}"),
        Against.OwnResume => Text($"{value:0.00} times the first resume row"),
        _ => $"{Lines.Number(value)} {Unit(target.Scenario)}",
    };

    public static string Percent(double part) => Text($"{part * 100:0} %");

    public static string Rows(Results results)
    {
        var servers = results.Servers.Keys.ToArray();
        var table = new StringBuilder($"| scenario, server on (cores) | {string.Join(" | ", results.Servers.Values)} | Holdfast to Node | to SignalR | target | |\n|{string.Concat(Enumerable.Repeat(" --- |", servers.Length + 5))}\n");
        foreach (var target in Target.All)
        {
            var scenario = Catalogue.All.First(scenario => scenario.Name == target.Scenario);
            table.Append(CultureInfo.InvariantCulture, $"| {scenario.Title} ({scenario.Cores}) |");
            foreach (var server in servers)
                table.Append(CultureInfo.InvariantCulture, $" {Cell(results.Cell(server, scenario.Name), figure => figure.Result.Value, scenario.Unit)} |");
            var reached = target.Reached(results);
            table.Append(CultureInfo.InvariantCulture, $" {Ratio(results, "node", scenario.Name)} | {Ratio(results, "signalr", scenario.Name)} | {Said(target, target.Most)} | {(reached == null ? "-" : reached <= target.Most ? "met" : $"**missed by {Percent(reached.Value / target.Most - 1)}**")}{(target.Kind == Against.OwnResume && reached != null ? Text($" ({reached:0.00})") : "")} |\n");
        }
        return table.ToString().TrimEnd();
    }

    public static string Throughput(Results results) => Measured(results, figure => figure.Result.PerSecond is { } each ? each / 1000 : null, "", ["echo-8", "echo-1", "broadcast-1", "broadcast-2", "rooms", "polling", "connecting"],
        ("Holdfast to Node", scenario => results.Ratio("holdfast", "node", scenario, figure => figure.Result.PerSecond) is { } ratio ? Text($"{ratio:0.0}") : "-"),
        ("target", scenario => Target.All.First(target => target.Scenario == scenario).Throughput is { } times ? Text($"{times:0}") : ""));

    public static string Latency(Results results)
    {
        var table = new StringBuilder("| | p50 | p99 |\n| --- | --- | --- |\n");
        foreach (var (server, title) in results.Servers)
        {
            var cell = results.Cell(server, "echo-rate");
            table.Append(CultureInfo.InvariantCulture, $"| {title} | {Cell(cell, figure => figure.Result.P50, "us")} | {Cell(cell, figure => figure.Result.P99, "us")} |\n");
        }
        return table.ToString().TrimEnd();
    }

    public static string Memory(Results results)
    {
        var table = new StringBuilder("| | the first 10,000 | the second 10,000 |\n| --- | --- | --- |\n");
        foreach (var (server, title) in results.Servers)
        {
            var cell = results.Cell(server, "idle");
            table.Append(CultureInfo.InvariantCulture, $"| {title} | {Cell(cell, figure => figure.Result.Value, "KiB")} | {Cell(cell, figure => figure.Result.Second, "KiB")} |\n");
        }
        return table.ToString().TrimEnd();
    }

    public static string Shares(Results results)
    {
        string[] rows = ["echo-8", "echo-1", "echo-rate", "broadcast-1", "broadcast-2", "rooms", "polling", "connecting"];
        var table = new StringBuilder($"| scenario (cores) | {string.Join(" | ", results.Servers.Values)} |\n|{string.Concat(Enumerable.Repeat(" --- |", results.Servers.Count + 1))}\n");
        foreach (var row in rows.Select(row => Catalogue.All.First(scenario => scenario.Name == row)))
        {
            var cells = results.Servers.Keys.Select(server => results.Cell(server, row.Name).Length == 0 ? "-"
                : Text($"{results.Median(server, row.Name, figure => figure.Result.ServerShare) * 100:0} / {results.Median(server, row.Name, figure => figure.Result.LoadShare) * 100:0}"));
            table.Append(CultureInfo.InvariantCulture, $"| {row.Title} ({row.Cores}) | {string.Join(" | ", cells)} |\n");
        }
        return table.ToString().TrimEnd();
    }

    public static string Studies(Results results, string study)
    {
        var table = new StringBuilder("| | without | with | with to without | without to without |\n| --- | --- | --- | --- | --- |\n");
        foreach (var slices in results.Slices.Where(slice => slice.Study == study).GroupBy(slice => slice.Scenario))
        {
            var scenario = Catalogue.All.FirstOrDefault(scenario => scenario.Name == slices.Key);
            var title = scenario == null ? "broadcast to 500 at 200/s, p99 (2)" : $"{scenario.Title} ({scenario.Cores})";
            string Value(string variant) => Spread([.. slices.Where(slice => slice.Variant == variant && slice.Result.Ok).Select(slice => study == SlowReader.Name ? slice.Result.P99!.Value : slice.Result.Value)], "us");
            table.Append(CultureInfo.InvariantCulture, $"| {title} | {Value(Study.Without)} | {Value(Study.With)} | {Spread(Comparison.Ratios(slices, Study.With), "")} | {Spread(Comparison.Ratios(slices, Study.Again), "")} |\n");
        }
        return table.ToString().TrimEnd();
    }

    private static string Measured(Results results, Func<Figure, double?> of, string unit, string[] rows, params (string Title, Func<string, string> Of)[] more)
    {
        var table = new StringBuilder($"| scenario (cores) | {string.Join(" | ", results.Servers.Values.Concat(more.Select(column => column.Title)))} |\n|{string.Concat(Enumerable.Repeat(" --- |", results.Servers.Count + more.Length + 1))}\n");
        foreach (var row in rows.Select(row => Catalogue.All.First(scenario => scenario.Name == row)))
        {
            var cells = results.Servers.Keys.Select(server => Cell(results.Cell(server, row.Name), of, unit)).Concat(more.Select(column => column.Of(row.Name)));
            table.Append(CultureInfo.InvariantCulture, $"| {row.Title} ({row.Cores}) | {string.Join(" | ", cells)} |\n");
        }
        return table.ToString().TrimEnd();
    }

    private static string Cell(Figure[] figures, Func<Figure, double?> of, string unit) => Spread([.. figures.Select(of).OfType<double>()], unit);

    // The median, and in brackets the lowest and the highest.
    private static string Spread(double[] values, string unit)
    {
        if (values.Length == 0)
            return "-";
        var text = $"{Lines.Number(Statistics.Median(values))} {unit}".TrimEnd();
        return values.Length == 1 ? text : $"{text} ({Lines.Number(values.Min())} - {Lines.Number(values.Max())})";
    }

    private static string Ratio(Results results, string other, string scenario) => results.Ratio("holdfast", other, scenario, figure => figure.Result.Value) is { } ratio ? Text($"{ratio:0.00}") : "-";

    private static string Unit(string scenario) => Catalogue.All.First(row => row.Name == scenario).Unit;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using System.Text;
using Holdfast.Load.Scenarios;

namespace Holdfast.Load.Report;

/// <summary>One chart for each family of rows: bars from zero, Node is one, and a mark where Holdfast's target is.</summary>
internal sealed record Chart(string File, string Title, string Note, string[] Scenarios, bool Throughput = false)
{
    public static readonly IReadOnlyList<Chart> All =
    [
        new("messages.svg", "Server CPU per echo", "Node is 1; shorter is cheaper", ["echo-8", "echo-1", "echo-rate", "polling"]),
        new("broadcasts.svg", "Server CPU per delivered message", "Node is 1; shorter is cheaper", ["broadcast-1", "broadcast-2", "rooms"]),
        new("throughput.svg", "Deliveries a second", "Node is 1; longer is more", ["broadcast-1", "broadcast-2", "rooms"], Throughput: true),
        new("connections.svg", "A connection made, and one that is idle", "CPU and memory; Node is 1; shorter is cheaper", ["connecting", "idle"]),
        new("resume.svg", "Server CPU per resumed session", "Node is 1; shorter is cheaper", ["resume", "resume-older", "resume-foreign", "resume-missed"]),
    ];

    private const int Width = 860, Left = 120, Right = 90, Bar = 15, Gap = 3, Head = 74, Heading = 24, Between = 16, Foot = 48;

    public string Draw(Results results)
    {
        var groups = Scenarios.Select(name => (Scenario: Catalogue.Named(name), Bars: Bars(results, name))).Where(group => group.Bars.Count > 0).ToArray();
        var height = Head + groups.Sum(group => Heading + group.Bars.Count * (Bar + Gap) + Between) + Foot;
        var highest = groups.Length == 0 ? 1 : groups.Max(group => group.Bars.Max(bar => bar.Ratio));
        var end = Math.Max(1.1, Math.Min(highest, Throughput ? double.MaxValue : 2)) * 1.02;
        double X(double ratio) => Left + (Width - Left - Right) * Math.Min(ratio, end) / end;

        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" role=\"img\">");
        Line(svg, $"<title>{Title}</title>");
        Line(svg, $"<style>{Style}</style>");
        Line(svg, $"<rect class=\"paper\" width=\"{Width}\" height=\"{height}\" rx=\"8\"/>");
        Line(svg, $"<text class=\"title\" x=\"24\" y=\"34\">{Title}</text>");
        Line(svg, $"<text class=\"quiet\" x=\"24\" y=\"54\">{Note}</text>");
        for (var tick = 0.0; tick <= end; tick += Step(end))
        {
            Line(svg, $"<line class=\"grid\" x1=\"{X(tick):0.0}\" x2=\"{X(tick):0.0}\" y1=\"{Head - 8}\" y2=\"{height - Foot + 4}\"/>");
            Line(svg, $"<text class=\"quiet middle\" x=\"{X(tick):0.0}\" y=\"{height - Foot + 20}\">{tick:0.##}</text>");
        }
        var y = Head;
        foreach (var (scenario, bars) in groups)
        {
            Line(svg, $"<rect class=\"paper\" x=\"20\" y=\"{y}\" width=\"360\" height=\"{Heading - 3}\"/>");
            var cores = scenario.Cores == 1 ? "1 core" : $"{scenario.Cores} cores";
            Line(svg, $"<text x=\"24\" y=\"{y + 14}\"><tspan class=\"label\">{scenario.Title}</tspan><tspan class=\"quiet\" dx=\"8\">{cores}</tspan></text>");
            y += Heading;
            var top = y;
            var mark = Mark(results, scenario.Name) is { } target && target <= end ? X(target) : 0;
            foreach (var bar in bars)
            {
                var ours = bar.Server == "holdfast";
                var (kind, length) = (ours ? "bar mine" : bar.Server == "node" ? "bar node" : "bar", X(bar.Ratio));
                // The figure stands behind the bar, and behind the mark if that would be in its way.
                var behind = ours && mark - length is > -4 and < 44 ? mark : length;
                Line(svg, $"<text class=\"{(ours ? "name ours" : "name")}\" x=\"{Left - 8}\" y=\"{y + 12}\">{results.Servers[bar.Server]}</text>");
                Line(svg, $"<rect class=\"{kind}\" x=\"{Left}\" y=\"{y}\" width=\"{Math.Max(1, length - Left):0.0}\" height=\"{Bar}\" rx=\"2\"/>");
                Line(svg, $"<text class=\"value\" x=\"{behind + 7:0.0}\" y=\"{y + 12}\">{(bar.Ratio > end ? "→ " : "")}{bar.Ratio:0.00}</text>");
                if (ours && mark > 0)
                    Line(svg, $"<path class=\"mark\" d=\"M{mark:0.0} {y - 4}v{Bar + 8}\"/>");
                y += Bar + Gap;
            }
            Line(svg, $"<line class=\"one\" x1=\"{X(1):0.0}\" x2=\"{X(1):0.0}\" y1=\"{top - 2}\" y2=\"{y}\"/>");
            y += Between;
        }
        Line(svg, $"<path class=\"mark\" d=\"M{Left} {height - 16}v12\"/><text class=\"quiet\" x=\"{Left + 8}\" y=\"{height - 6}\">Holdfast's target</text>");
        return svg.Append("</svg>\n").ToString();
    }

    private const string Style = """
        text{font:13px system-ui,-apple-system,"Segoe UI",sans-serif;fill:#1f2328}
        .title{font-size:19px;font-weight:600}.label{font-weight:600}.quiet{font-size:12px;fill:#59636e}.middle{text-anchor:middle}
        .name{text-anchor:end;font-size:12px;fill:#59636e}.ours{font-weight:600;fill:#0b6e4f}.value{font-size:12px;font-variant-numeric:tabular-nums}
        .paper{fill:#fff}.bar{fill:#c3ccd6}.node{fill:#8b98a6}.mine{fill:#12946a}
        .grid{stroke:#e4e8ec}.one{stroke:#59636e;stroke-dasharray:4 3}.mark{stroke:#d1242f;stroke-width:2.5;fill:none}
        @media (prefers-color-scheme:dark){text{fill:#e6edf3}.quiet,.name{fill:#9198a1}.ours{fill:#3fd19b}
        .paper{fill:#0d1117}.bar{fill:#3d444d}.node{fill:#6b7580}.mine{fill:#2ea97d}.grid{stroke:#22272e}.one{stroke:#9198a1}.mark{stroke:#ff7b72}}
        """;

    private List<(string Server, double Ratio)> Bars(Results results, string scenario) => [.. results.Servers.Keys
        .Select(server => (server, ratio: results.Ratio(server, "node", scenario, figure => Throughput ? figure.Result.PerSecond : figure.Result.Value)))
        .Where(bar => bar.ratio != null).Select(bar => (bar.server, bar.ratio!.Value))];

    // Targets that are no ratio to Node are turned into one by what Node did in the same run.
    private double? Mark(Results results, string scenario)
    {
        var target = Target.All.First(target => target.Scenario == scenario);
        if (Throughput)
            return target.Throughput;
        var node = results.Median("node", scenario, figure => figure.Result.Value);
        return target.Kind switch
        {
            Against.Node => target.Most,
            Against.OwnResume => target.Most * results.Median("holdfast", "resume", figure => figure.Result.Value) / node,
            _ => target.Most / node,
        };
    }

    private static double Step(double end) => end > 12 ? 5 : end > 5 ? 2 : end > 2.5 ? 1 : 0.25;

    private static void Line(StringBuilder svg, string line) => svg.Append(line).Append('\n');
}

using System.Text.Json.Serialization;

namespace Holdfast.Load.Scenarios;

/// <summary>What one run of one scenario came to.</summary>
/// <param name="Value">What counts: server CPU for one message in microseconds, or what the scenario says.</param>
/// <param name="Verdict">"ok", or what was wrong with the answers.</param>
internal sealed record Result(double Value, string Verdict)
{
    /// <summary>Messages a second.</summary>
    public double? PerSecond { get; init; }

    /// <summary>How much of its cores the server used.</summary>
    public double? ServerShare { get; init; }

    /// <summary>How much of its core the busiest worker of the load used.</summary>
    public double? LoadShare { get; init; }

    /// <summary>Microseconds, where the rate is fixed.</summary>
    public double? P50 { get; init; }

    public double? P99 { get; init; }

    /// <summary>The same once more, where that says something.</summary>
    public double? Second { get; init; }

    /// <summary>Microseconds from the questions of a storm to the last answer.</summary>
    public double? Storm { get; init; }

    /// <summary>Why the figure may not say what it seems to; the answers were right all the same.</summary>
    public string? Doubt { get; init; }

    [JsonIgnore]
    public bool Ok => Verdict == "ok";

    public static Result Of(Measured measured, Verdict verdict, Histogram? latency = null)
    {
        var words = measured.Count == 0 && verdict.Ok ? "nothing was answered" : verdict.ToString();
        return new Result(measured.ServerCpu / measured.Count * 1e6, words)
        {
            PerSecond = measured.Count / measured.Seconds,
            ServerShare = measured.ServerShare,
            LoadShare = measured.LoadShare,
            Doubt = measured is { LoadShare: > 0.9, ServerShare: < 0.95 } ? "the load was the limit" : null,
            P50 = latency?.Quantile(0.5),
            P99 = latency?.Quantile(0.99),
        };
    }
}

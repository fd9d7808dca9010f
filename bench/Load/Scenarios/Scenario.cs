namespace Holdfast.Load.Scenarios;

/// <summary>A row of the table.</summary>
internal abstract class Scenario(string name, string title, int cores)
{
    /// <summary>As it is called on the command line.</summary>
    public string Name => name;

    public string Title => title;

    /// <summary>How many cores the server has.</summary>
    public int Cores => cores;

    public abstract Result Run(Stage stage);

    /// <summary>Client number i of a scenario lives on this worker.</summary>
    protected static int Spread(int index) => index;
}

/// <summary>What one run of one scenario came to.</summary>
internal sealed record Result(double MicrosecondsPerMessage, double PerSecond, double ServerShare, double LoadShare, double? P50, double? P99, string Verdict)
{
    public bool Ok => Verdict == "ok";

    public static Result Of(Measured measured, Verdict verdict, Histogram? latency = null) => new(
        measured.ServerCpu / measured.Count * 1e6, measured.Count / measured.Seconds, measured.ServerShare, measured.LoadShare,
        latency?.Quantile(0.5), latency?.Quantile(0.99), measured.Count == 0 ? "nothing was answered" : verdict.ToString());
}

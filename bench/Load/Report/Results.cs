using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Load.Studies;

namespace Holdfast.Load.Report;

/// <summary>Everything that a run has measured; the page is written from this alone.</summary>
internal sealed record Results
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // a run that failed has no figure
    };

    public required string Command { get; init; }

    public required string Started { get; init; }

    public double Minutes { get; set; }

    public required Machine Machine { get; init; }

    /// <summary>By name on the command line: what the tables call it.</summary>
    public required Dictionary<string, string> Servers { get; init; }

    public required int Rounds { get; init; }

    public required double Seconds { get; init; }

    public required double WarmUp { get; init; }

    public List<Figure> Figures { get; init; } = [];

    public List<Slice> Slices { get; init; } = [];

    /// <summary>What was measured once more, and stands for what was there before.</summary>
    [JsonIgnore]
    public IReadOnlyList<Results> Repeated { get; private init; } = [];

    /// <summary>The same with the rows and studies that a later run has in place of these.</summary>
    public Results With(Results later)
    {
        var (rows, studies) = (later.Figures.Select(figure => figure.Scenario).ToHashSet(), later.Slices.Select(slice => (slice.Study, slice.Scenario)).ToHashSet());
        return this with
        {
            Figures = [.. Figures.Where(figure => !rows.Contains(figure.Scenario)), .. later.Figures],
            Slices = [.. Slices.Where(slice => !studies.Contains((slice.Study, slice.Scenario))), .. later.Slices],
            Repeated = [.. Repeated, later],
        };
    }

    public static Results Read(string file) => JsonSerializer.Deserialize<Results>(File.ReadAllText(file), s_json)!;

    public void Write(string file) => File.WriteAllText(file, JsonSerializer.Serialize(this, s_json) + "\n");

    /// <summary>The figures of one cell, round by round.</summary>
    public Figure[] Cell(string server, string scenario) =>
        [.. Figures.Where(figure => figure.Server == server && figure.Scenario == scenario && figure.Result.Ok).OrderBy(figure => figure.Round)];

    /// <summary>The median over the rounds of what one server did in relation to what another did in the same round; null if there is no such round.</summary>
    public double? Ratio(string server, string other, string scenario, Func<Figure, double?> of)
    {
        var ratios = Cell(server, scenario).Join(Cell(other, scenario), a => a.Round, b => b.Round, (a, b) => of(a) / of(b)).OfType<double>().ToArray();
        return ratios.Length == 0 ? null : Statistics.Median(ratios);
    }

    public double? Median(string server, string scenario, Func<Figure, double?> of)
    {
        var values = Cell(server, scenario).Select(of).OfType<double>().ToArray();
        return values.Length == 0 ? null : Statistics.Median(values);
    }
}

using Holdfast.Load.Scenarios;
using Holdfast.Load.Servers;

namespace Holdfast.Load;

/// <summary>The command line. bench/README.md tells what each argument is for.</summary>
internal sealed record Options
{
    private static readonly string[] s_everybody = ["holdfast", "pool", "node", "bun", "signalr", "kestrel", "limit"];

    private static readonly string[] s_smoke = ["echo-8", "echo-rate", "broadcast-2", "rooms", "polling", "connecting", "resume-missed", "resume-live"];

    /// <summary>The repository's.</summary>
    public required string Root { get; init; }

    /// <summary>As it was typed, but for where the figures went.</summary>
    public required string Command { get; init; }

    public IReadOnlyList<Peer> Servers { get; init; } = [];

    public IReadOnlyList<string> Only { get; init; } = [];

    public Cores Cores { get; init; } = Cores.OfThisMachine;

    public int Rounds { get; init; } = 1;

    public double Seconds { get; init; }

    public double WarmUp { get; init; }

    public bool Recovery { get; init; }

    /// <summary>Where the figures go.</summary>
    public string? Json { get; init; }

    /// <summary>Files of figures from which only the page is written; what a later one has stands for what is in those before it.</summary>
    public IReadOnlyList<string> Report { get; init; } = [];

    /// <summary>The page is written from a run of everything.</summary>
    public bool WritesPage { get; init; }

    /// <summary>Beside the rows, what needs many runs of ours in turn.</summary>
    public bool WantsStudies { get; init; }

    /// <summary>Short and ours alone: are the answers right?</summary>
    public bool Smoke { get; init; }

    public bool Wants(Scenario scenario) => Wants(scenario.Name);

    public bool Wants(string name) => Only.Count == 0 || Only.Contains(name);

    public static Options Parse(string[] arguments)
    {
        var options = new Options
        {
            Root = Environment.GetEnvironmentVariable("HOLDFAST_ROOT") ?? ".",
            Command = $"bench/compare {string.Join(' ', arguments.Where((argument, i) => argument != "--json" && (i == 0 || arguments[i - 1] != "--json")))}".TrimEnd(),
        };
        var (everything, quick) = (true, false);
        string[]? names = null, only = null;
        double? seconds = null, warmUp = null;
        for (var i = 0; i < arguments.Length; i++)
        {
            string Value() => ++i < arguments.Length ? arguments[i] : throw new ArgumentException($"{arguments[i - 1]} needs a value");
            double Number() => double.TryParse(Value(), out var number) && number > 0
                ? number
                : throw new ArgumentException($"'{arguments[i]}' is no number that {arguments[i - 1]} can be");
            switch (arguments[i])
            {
                case "--rounds":
                    options = options with { Rounds = (int)Number() };
                    break;
                case "--quick":
                    quick = true;
                    break;
                case "--smoke":
                    options = options with { Smoke = true };
                    break;
                case "--servers":
                    names = Value().Split(',');
                    break;
                case "--only":
                    only = Value().Split(',');
                    break;
                case "--seconds":
                    seconds = Number();
                    break;
                case "--warm-up":
                    warmUp = Number();
                    break;
                case "--cores":
                    options = options with { Cores = Cores.Parse(Value()) };
                    break;
                case "--recovery":
                    (options, everything) = (options with { Recovery = true }, false);
                    break;
                case "--json":
                    options = options with { Json = Path.GetFullPath(Value()) };
                    break;
                case "--report":
                    options = options with { Report = [.. Value().Split(',').Select(Path.GetFullPath)] };
                    break;
                default:
                    throw new ArgumentException($"'{arguments[i]}' is not understood; bench/README.md tells what is");
            }
        }
        // What was said counts, wherever it stands; what was not said depends on how much is wanted.
        names ??= options.Smoke ? ["holdfast"] : quick ? ["holdfast", "node"] : s_everybody;
        only ??= options.Smoke ? s_smoke : [];
        foreach (var unknown in only.Where(name => !Catalogue.Names.Contains(name)))
            throw new ArgumentException($"there is no '{unknown}': {string.Join(", ", Catalogue.Names)}");
        return options with
        {
            Servers = [.. names.Select(name => Peer.Parse(name, options.Root))],
            Only = only,
            Seconds = seconds ?? (options.Smoke ? 0.4 : 4),
            WarmUp = warmUp ?? (options.Smoke ? 0.2 : 6),
            Cores = options.Cores with { TakesTurns = !options.Smoke },
            WantsStudies = !options.Smoke && (!quick || only.Length > 0),
            WritesPage = everything && only.Length == 0 && s_everybody.All(names.Contains),
        };
    }
}

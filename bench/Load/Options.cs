using System.Globalization;
using Holdfast.Load.Scenarios;
using Holdfast.Load.Servers;

namespace Holdfast.Load;

/// <summary>The command line.</summary>
internal sealed record Options
{
    public IReadOnlyList<Peer> Servers { get; init; } = [];

    public IReadOnlyList<string> Only { get; init; } = [];

    public int Rounds { get; init; } = 1;

    public double Seconds { get; init; } = 5;

    public double WarmUp { get; init; } = 6;

    public Cores Cores { get; init; } = Cores.OfThisMachine;

    public bool Recovery { get; init; }

    /// <summary>The repository's.</summary>
    public required string Root { get; init; }

    public bool Wants(Scenario scenario) => Only.Count == 0 || Only.Contains(scenario.Name);

    public static Options Parse(string[] arguments)
    {
        var (options, root) = (new Options { Root = Environment.GetEnvironmentVariable("HOLDFAST_ROOT") ?? "." }, "");
        root = options.Root;
        for (var i = 0; i < arguments.Length; i++)
        {
            string Value() => ++i < arguments.Length ? arguments[i] : throw new ArgumentException($"{arguments[i - 1]} needs a value");
            options = arguments[i] switch
            {
                "--servers" => options with { Servers = [.. Value().Split(',').Select(text => Peer.Parse(text, root))] },
                "--only" => options with { Only = Value().Split(',') },
                "--rounds" => options with { Rounds = int.Parse(Value(), CultureInfo.InvariantCulture) },
                "--seconds" => options with { Seconds = double.Parse(Value(), CultureInfo.InvariantCulture) },
                "--warm-up" => options with { WarmUp = double.Parse(Value(), CultureInfo.InvariantCulture) },
                "--cores" => options with { Cores = Cores.Parse(Value()) },
                "--recovery" => options with { Recovery = true },
                var unknown => throw new ArgumentException($"'{unknown}' is not understood"),
            };
        }
        return options.Servers.Count > 0 ? options : options with { Servers = [Peer.Parse("holdfast", root), Peer.Parse("node", root)] };
    }
}

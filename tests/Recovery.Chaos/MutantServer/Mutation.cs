namespace Holdfast.MutantServer;

/// <summary>Which promise this process breaks. The patches in Mutations/ ask here; a mutation has the name of its patch.</summary>
internal static class Mutation
{
    public static readonly string[] Names = [
        "any-epoch", "drop", "forget-room", "hasty-sync", "hasty-volatile", "ignore-fence", "ignore-log-fence", "no-barrier", "overtake", "own-twice", "own-way", "pass-over", "rooms-of-today", "swap", "told-first", "twice", "undo-kick",
    ];

    private static string _chosen = "";

    public static bool TryChoose(string name)
    {
        _chosen = name;
        return Names.Contains(name);
    }

    public static bool Is(string name) => _chosen == name;
}

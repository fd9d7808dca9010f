namespace Holdfast.MutantServer;

/// <summary>Which promise this process breaks. The patches in Mutations/ ask here; each is named after the file that it stands in.</summary>
internal static class Mutation
{
    public static readonly string[] Names = ["drop", "forget-room", "ignore-fence", "swap", "twice", "undo-kick"];

    private static string _chosen = "";

    public static bool TryChoose(string name)
    {
        _chosen = name;
        return Names.Contains(name);
    }

    public static bool Is(string name) => _chosen == name;
}

namespace Holdfast.Architecture;

/// <summary>The working tree that this test was built from.</summary>
internal static class Repository
{
    private static readonly string[] Generated = [".git", ".idea", ".vs", "artifacts", "bin", "node_modules", "obj", "TestResults"];

    public static string Root { get; } = FindRoot();

    /// <summary>All files that people wrote, as paths from the root with forward slashes, in ordinal order.</summary>
    public static string[] Files { get; } = Enumerate(Root).Order(StringComparer.Ordinal).ToArray();

    public static string FullPath(string path) => Path.Combine(Root, path);

    public static bool Holds(string path) => File.Exists(FullPath(path)) || Directory.Exists(FullPath(path));

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Holdfast.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No Holdfast.slnx above the test's own folder.");
        }
        return folder;
    }

    private static IEnumerable<string> Enumerate(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder).Where(file => !Generated.Contains(Path.GetFileName(file)))) // .git is a file in a linked work tree
        {
            yield return Path.GetRelativePath(Root, file).Replace('\\', '/');
        }
        foreach (var child in Directory.EnumerateDirectories(folder).Where(child => !Generated.Contains(Path.GetFileName(child))))
        {
            foreach (var file in Enumerate(child))
            {
                yield return file;
            }
        }
    }
}

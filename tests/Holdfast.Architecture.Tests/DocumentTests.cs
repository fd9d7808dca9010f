using System.Text.RegularExpressions;

namespace Holdfast.Architecture;

/// <summary>A document that points at a file that has moved misleads its reader.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] Documents =
        Repository.Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal)).ToArray();

    private static readonly string[] Folders = ["src/", "tests/", "samples/", "docs/", "bench/", ".ci/"];

    private static readonly HashSet<string> FileNames = Repository.Files.Select(file => Path.GetFileName(file)).ToHashSet(StringComparer.Ordinal);

    [Fact]
    public void Links_lead_to_files_that_exist()
    {
        var dead =
            from document in Documents
            from Match link in Link().Matches(File.ReadAllText(Repository.FullPath(document)))
            let target = link.Groups["target"].Value
            where !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith('#') && !target.StartsWith("mailto:", StringComparison.Ordinal)
            let path = Path.Combine(Path.GetDirectoryName(document)!, Uri.UnescapeDataString(target.Split('#')[0]))
            where !Repository.Holds(path)
            select $"{document}: {target}";

        Assert.Empty(dead);
    }

    [Fact]
    public void File_names_in_code_font_exist()
    {
        var unknown =
            from document in Documents
            from Match code in Code().Matches(WithoutBlocks(File.ReadAllText(Repository.FullPath(document))))
            let name = code.Groups["name"].Value
            where IsPath(name) ? !Repository.Holds(name) : IsSource(name) && !FileNames.Contains(Path.GetFileName(name))
            select $"{document}: {name}";

        Assert.Empty(unknown);
    }

    // A path from the root: `src/Holdfast.Server/Engine`.
    private static bool IsPath(string name) => Folders.Any(folder => name.StartsWith(folder, StringComparison.Ordinal)) && !name.Contains('*');

    // A file by its name alone or by the end of its path: `EngineSession.cs`, `Engine/EngineSession.cs`.
    private static bool IsSource(string name) => SourceName().IsMatch(name);

    private static string WithoutBlocks(string markdown) => Block().Replace(markdown, "");

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)[^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`(?<name>[^`\s]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^(?!/)[\w./-]*\w\.(?:cs|csproj|mjs|html|css|md|props|targets)$")]
    private static partial Regex SourceName();
}

using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Holdfast.Architecture;

/// <summary>What a clone has to be on any machine.</summary>
public sealed partial class RepositoryTests
{
    private static readonly string[] Binary = [".png", ".ico", ".woff2", ".pfx"];

    [Fact]
    public void No_file_names_a_folder_or_a_package_registry_of_one_machine()
    {
        var found = Repository.Files
            .Where(file => !Binary.Contains(Path.GetExtension(file)))
            .SelectMany(file => File.ReadLines(Repository.FullPath(file)).Select((line, index) => (file, line, number: index + 1)))
            .Where(at => MachinePath().IsMatch(at.line) || Registry().IsMatch(at.line))
            .Select(at => $"{at.file}:{at.number}: {at.line.Trim()}");

        Assert.Empty(found);
    }

    [Fact]
    public void The_lock_files_of_npm_name_no_host()
    {
        var locks = Repository.Files.Where(file => Path.GetFileName(file) == "package-lock.json");
        Assert.All(locks, file => Assert.DoesNotContain("://", File.ReadAllText(Repository.FullPath(file))));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = XDocument.Load(Repository.FullPath("Holdfast.slnx"))
            .Descendants("Project").Select(project => (string?)project.Attribute("Path")).Order(StringComparer.Ordinal);

        Assert.Equal(Repository.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)), solution);
    }

    [Fact]
    public void Scripts_are_executable()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        foreach (var script in (string[])["run", "test", ".ci/run", "bench/compare"])
        {
            Assert.True(File.GetUnixFileMode(Repository.FullPath(script)).HasFlag(UnixFileMode.UserExecute), script);
        }
    }

    // The brackets keep the patterns from matching their own lines.
    [GeneratedRegex(@"(?<![\w.:*])/(?:hom[e]|roo[t]|wor[k]|User[s])/\w|\b[A-Z]:\\User[s]\\")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"registry\.npm[j]s|registry\.yarn[p]kg|api\.nuget[.]org|pkgs\.dev[.]azure")]
    private static partial Regex Registry();
}

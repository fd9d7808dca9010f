using System.Reflection;

namespace Holdfast.Architecture;

/// <summary>
/// What each package promises stands in its PublicAPI.txt, so that a change of the promise is a change that a reader sees.
/// UPDATE_API=1 ./test architecture writes the files anew.
/// </summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData("Holdfast.Protocol")]
    [InlineData("Holdfast.Server")]
    public void The_public_face_is_the_one_that_is_written_down(string package)
    {
        var file = Repository.FullPath($"src/{package}/PublicAPI.txt");
        var actual = string.Join('\n', ApiText.Of(Assembly.Load(package))) + '\n';
        if (Environment.GetEnvironmentVariable("UPDATE_API") == "1")
        {
            File.WriteAllText(file, actual);
        }

        var written = File.Exists(file) ? File.ReadAllText(file) : "";

        Assert.True(written == actual, $"src/{package}/PublicAPI.txt differs from the assembly; UPDATE_API=1 ./test architecture rewrites it.\n{Difference(written, actual)}");
    }

    private static string Difference(string written, string actual)
    {
        var (before, after) = (written.Split('\n'), actual.Split('\n'));
        return string.Join('\n', before.Except(after).Select(line => $"- {line}").Concat(after.Except(before).Select(line => $"+ {line}")).Take(40));
    }
}

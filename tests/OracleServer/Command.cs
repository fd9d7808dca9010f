using System.Globalization;

namespace Holdfast.OracleServer;

/// <summary>The command line: a port, what the log is, and where.</summary>
internal sealed record Command(int Port, string Bus, string? Url)
{
    public const string Usage = "usage: OracleServer PORT [--bus memory|files] [--url FOLDER]";

    /// <returns>Null: it can't be understood, and <paramref name="fault"/> says why.</returns>
    public static Command? Read(string[] words, out string fault)
    {
        fault = Usage;
        if (words.Length % 2 == 0 || !ushort.TryParse(words[0], CultureInfo.InvariantCulture, out var port))
            return null;
        var (bus, url) = ("memory", (string?)null);
        for (var i = 1; i < words.Length; i += 2)
        {
            switch (words[i])
            {
                case "--bus":
                    bus = words[i + 1];
                    break;
                case "--url":
                    url = words[i + 1];
                    break;
                default:
                    fault = $"'{words[i]}' is not understood; {Usage}";
                    return null;
            }
        }
        fault = (bus, url) switch
        {
            ("memory", _) => "",
            ("files", null) => "--bus files needs --url FOLDER",
            ("files", _) => "",
            _ => $"there is no bus '{bus}'; {Usage}",
        };
        return fault.Length == 0 ? new Command(port, bus, url) : null;
    }
}

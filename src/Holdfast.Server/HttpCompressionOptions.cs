using System.IO.Compression;

namespace Holdfast;

/// <summary>How the answers to polls are compressed.</summary>
public sealed class HttpCompressionOptions
{
    /// <summary>Answers of fewer bytes are sent as they are. Default 1024; 0 compresses all that carry messages.</summary>
    public int Threshold { get; set; } = 1024;

    /// <summary>How much time is spent for how few bytes. Default <see cref="CompressionLevel.Fastest"/>.</summary>
    public CompressionLevel Level { get; set; } = CompressionLevel.Fastest;

    internal IEnumerable<string> Faults()
    {
        if (Threshold < 0)
        {
            yield return $"{nameof(EngineIOOptions.HttpCompression)}.{nameof(Threshold)} is {Threshold}: it must be at least 0 bytes.";
        }

        if (!Enum.IsDefined(Level))
        {
            yield return $"{nameof(EngineIOOptions.HttpCompression)}.{nameof(Level)} is {(int)Level}: it must be one of {string.Join(", ", Enum.GetNames<CompressionLevel>())}.";
        }
    }
}

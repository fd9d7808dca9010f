using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Holdfast.Hosting;

/// <summary>
/// What a bundle held at one moment, as it is and in each coding; each made when it is first asked for, off the request's own thread, and once.
/// Its tag is the content's hash: the nodes of a deployment agree on it, and it changes if and only if the bytes do, which neither a version number nor a file's time can say.
/// </summary>
internal sealed class ClientFileVersion
{
    /// <summary>The best first.</summary>
    public static readonly string[] Codings = ["br", "gzip", "deflate"];

    private readonly string _path;
    private readonly long _length;
    private readonly DateTime _written;
    private readonly Task<Representation>?[] _representations = new Task<Representation>?[1 + Codings.Length];
    private readonly Lock _lock = new();

    public ClientFileVersion(FileInfo file) => (_path, _length, _written) = (file.FullName, file.Length, file.LastWriteTimeUtc);

    public bool IsOf(FileInfo file) => file.Length == _length && file.LastWriteTimeUtc == _written;

    /// <param name="coding">One of <see cref="Codings"/>; null for the file as it is.</param>
    public Task<Representation> InAsync(string? coding)
    {
        var index = coding is null ? 0 : 1 + Array.IndexOf(Codings, coding);
        lock (_lock)
        {
            // One that failed (the file was being replaced, say) is tried again.
            if (_representations[index] is not { IsFaulted: false } made)
                _representations[index] = made = Task.Run(() => coding is null ? ReadAsync() : CompressAsync(coding));
            return made;
        }
    }

    private async Task<Representation> ReadAsync()
    {
        var bytes = await File.ReadAllBytesAsync(_path);
        return new Representation(bytes, Tag(Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16))));
    }

    private async Task<Representation> CompressAsync(string coding)
    {
        var (bytes, tag) = await InAsync(null);
        using var compressed = new MemoryStream();
        await using (Stream encoder = coding switch
        {
            "br" => new BrotliStream(compressed, CompressionLevel.SmallestSize),
            "gzip" => new GZipStream(compressed, CompressionLevel.SmallestSize),
            _ => new ZLibStream(compressed, CompressionLevel.SmallestSize),
        })
        {
            await encoder.WriteAsync(bytes);
        }

        // Another sequence of bytes needs another strong tag.
        return new Representation(compressed.ToArray(), Tag($"{tag.Tag.AsSpan().Trim('"')}-{coding}"));
    }

    private static EntityTagHeaderValue Tag(string value) => new($"\"{value}\"");

    internal sealed record Representation(byte[] Bytes, EntityTagHeaderValue Tag);
}

using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Holdfast.Recovery;

/// <summary>
/// The private id of a session: whoever knows it can take the session over. 24 characters of base64url from 144 random bits. Only its hash is kept: a look-up then takes
/// the same time whatever was guessed, and nothing that is kept can be presented.
/// </summary>
internal static class PrivateId
{
    private const int Bytes = 18;
    private const int Length = Bytes / 3 * 4;

    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    public static string Create()
    {
        Span<byte> random = stackalloc byte[Bytes];
        RandomNumberGenerator.Fill(random);
        return Base64Url.EncodeToString(random);
    }

    /// <summary>Whether it could be one of ours; anything else is an application's own value of that name.</summary>
    public static bool IsWellFormed(string text) => text.Length == Length && !text.AsSpan().ContainsAnyExcept(Alphabet);

    /// <summary>Of one that is well-formed.</summary>
    public static UInt128 Hash(string privateId)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> text = stackalloc byte[Length];
        SHA256.HashData(text[..Encoding.ASCII.GetBytes(privateId, text)], hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}

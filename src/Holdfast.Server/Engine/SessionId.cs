using System.Buffers.Text;
using System.Security.Cryptography;

namespace Holdfast.Engine;

/// <summary>
/// Session ids: 20 characters of base64url from 15 random bytes. Whoever knows the id of a polling session can speak for it, so all 120 bits come from the
/// system's random generator, none from a counter, and the id is never written to a log.
/// </summary>
internal static class SessionId
{
    public static string Create()
    {
        Span<byte> random = stackalloc byte[15];
        RandomNumberGenerator.Fill(random);
        return Base64Url.EncodeToString(random);
    }
}

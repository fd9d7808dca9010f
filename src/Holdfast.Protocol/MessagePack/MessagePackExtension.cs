using System.Buffers.Binary;

namespace Holdfast.Protocol;

/// <summary>What an extension of MessagePack stands for.</summary>
internal enum ExtensionMeaning
{
    /// <summary>Only its sender knows.</summary>
    Unknown,

    /// <summary>JavaScript's <c>undefined</c>.</summary>
    Undefined,

    /// <summary>An <c>ArrayBuffer</c>.</summary>
    Binary,

    /// <summary>A point in time.</summary>
    Date,
}

/// <summary>
/// The extensions that clients send: those of notepack.io, which the official parser uses, all with type 0 and told apart by their lengths, and the
/// timestamp of the specification, type -1.
/// </summary>
internal static class MessagePackExtension
{
    private const sbyte Notepack = 0;
    private const sbyte Timestamp = -1;

    public static ExtensionMeaning MeaningOf(in MessagePackToken token) => token.Extension switch
    {
        Notepack when !token.IsFixed => ExtensionMeaning.Binary,
        Notepack when token.Bytes.Length == 1 => ExtensionMeaning.Undefined,
        Notepack when token.Bytes.Length == 8 => ExtensionMeaning.Date,
        Notepack => ExtensionMeaning.Binary, // what another encoder makes of an ArrayBuffer with a length that needs no length
        Timestamp when token.Bytes.Length is 4 or 8 or 12 => ExtensionMeaning.Date,
        _ => ExtensionMeaning.Unknown,
    };

    /// <summary>Null: the peer counts to years that .NET does not have.</summary>
    public static DateTime? ReadDate(in MessagePackToken token)
    {
        var bytes = token.Bytes;
        if (token.Extension == Notepack)
        {
            var milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes);
            return FromUnix(Math.DivRem(milliseconds, 1000, out var rest), rest * 1_000_000);
        }

        if (bytes.Length == 4)
        {
            return FromUnix(BinaryPrimitives.ReadUInt32BigEndian(bytes), 0);
        }

        if (bytes.Length == 8)
        {
            var both = BinaryPrimitives.ReadUInt64BigEndian(bytes);
            return FromUnix((long)(both & 0x3_FFFF_FFFF), (long)(both >> 34));
        }

        return FromUnix(BinaryPrimitives.ReadInt64BigEndian(bytes[4..]), BinaryPrimitives.ReadUInt32BigEndian(bytes));
    }

    private static DateTime? FromUnix(long seconds, long nanoseconds)
    {
        const long Least = -62_135_596_800; // the year 1
        const long Most = 253_402_300_799; // the end of 9999
        if (seconds is < Least or > Most || nanoseconds is <= -1_000_000_000 or >= 1_000_000_000)
        {
            return null;
        }

        var ticks = DateTime.UnixEpoch.Ticks + (seconds * TimeSpan.TicksPerSecond) + (nanoseconds / 100);
        return ticks < 0 ? null : new DateTime(ticks, DateTimeKind.Utc);
    }
}

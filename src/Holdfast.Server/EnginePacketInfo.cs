using System.Text;

namespace Holdfast;

/// <summary>One packet of a session, as those who listen to it see it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Data">Its bytes without the type; of text, valid UTF-8. Others share them: not to be changed.</param>
/// <param name="IsBinary">Whether it is a binary message.</param>
public readonly record struct EnginePacketInfo(EnginePacketKind Kind, ReadOnlyMemory<byte> Data, bool IsBinary)
{
    /// <summary>The bytes as text.</summary>
    public string Text => Encoding.UTF8.GetString(Data.Span);
}

/// <summary>The packets of the Engine.IO protocol, by their numbers.</summary>
public enum EnginePacketKind
{
    /// <summary>The handshake.</summary>
    Open = 0,

    /// <summary>The end of the session.</summary>
    Close = 1,

    /// <summary>Asks whether the other end is there.</summary>
    Ping = 2,

    /// <summary>It is.</summary>
    Pong = 3,

    /// <summary>A message, text or binary.</summary>
    Message = 4,

    /// <summary>The end of an upgrade.</summary>
    Upgrade = 5,

    /// <summary>Nothing.</summary>
    Noop = 6,
}

using System.Text;

namespace Holdfast;

/// <summary>One message of a bare Engine.IO session.</summary>
/// <param name="Data">The bytes; of a text message, valid UTF-8. The receiver may keep them.</param>
/// <param name="IsBinary">Whether it is binary rather than text.</param>
public readonly record struct EngineMessage(ReadOnlyMemory<byte> Data, bool IsBinary)
{
    /// <summary>The bytes as text.</summary>
    public string Text => Encoding.UTF8.GetString(Data.Span);
}

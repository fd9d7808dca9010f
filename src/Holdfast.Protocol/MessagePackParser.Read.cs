using System.Text;
using System.Text.Json;
using Holdfast.Protocol;

namespace Holdfast;

// What came in, and how it becomes a value of .NET.
public sealed partial class MessagePackParser
{
    /// <inheritdoc/>
    public override T? Read<T>(ReadOnlyMemory<byte> value, ReadOnlyMemory<byte>[] attachments)
        where T : default => TryReadPlain<T>(value, out var plain) ? plain : ReadAsJson<T>(value);

    /// <inheritdoc/>
    public override bool IsNull(ReadOnlyMemory<byte> value)
    {
        var token = new MessagePackReader(value.Span).Read();
        return token.Kind switch
        {
            MessagePackKind.Nil => true,
            MessagePackKind.Float => !MessagePackToJson.IsFinite(token),
            MessagePackKind.Extension => MessagePackExtension.MeaningOf(token) switch
            {
                ExtensionMeaning.Undefined => true,
                ExtensionMeaning.Date => MessagePackExtension.ReadDate(token) is null,
                _ => false,
            },
            _ => false,
        };
    }

    /// <inheritdoc/>
    public override string Describe(ReadOnlyMemory<byte> value)
    {
        try
        {
            return Encoding.UTF8.GetString(ToJson(value, []).Json.Span);
        }
        catch (ArgumentException)
        {
            return "(an object that looks like the placeholder of a binary value)";
        }
    }

    internal override (ReadOnlyMemory<byte> Json, ReadOnlyMemory<byte>[] Attachments) ToJson(
        ReadOnlyMemory<byte> value, ReadOnlyMemory<byte>[] attachments)
    {
        var buffer = JsonPacketBuffer.Rent(_json, int.MaxValue);
        try
        {
            var binary = new List<ReadOnlyMemory<byte>>();
            MessagePackToJson.Write(value, buffer.Json, binary);
            return (buffer.Written.ToArray(), [.. binary]);
        }
        catch (JsonException exception)
        {
            throw new ArgumentException("An argument that is passed on can't be written as JSON.", exception);
        }
        finally
        {
            buffer.Return();
        }
    }

    private T? ReadAsJson<T>(ReadOnlyMemory<byte> value)
    {
        var buffer = JsonPacketBuffer.Rent(_json, int.MaxValue);
        try
        {
            var binary = new List<ReadOnlyMemory<byte>>();
            MessagePackToJson.Write(value, buffer.Json, binary);
            return _json.ReadJson<T>(buffer.Written, [.. binary]);
        }
        catch (JsonException exception)
        {
            throw new EventArgumentException(typeof(T), exception);
        }
        finally
        {
            buffer.Return();
        }
    }

    /// <summary>What needs no serializer, if the application has not said otherwise. Where the type does not fit, the serializer decides.</summary>
    private bool TryReadPlain<T>(ReadOnlyMemory<byte> value, out T? result)
    {
        result = default;
        if (!_json.PlainPrimitives)
        {
            return false;
        }

        var token = new MessagePackReader(value.Span).Read();
        switch (token.Kind)
        {
            case MessagePackKind.Text when typeof(T) == typeof(string):
                result = (T)(object)Encoding.UTF8.GetString(token.Bytes);
                return true;
            case MessagePackKind.Integer when typeof(T) == typeof(int) && token.Number is >= int.MinValue and <= int.MaxValue:
                result = (T)(object)(int)token.Number;
                return true;
            case MessagePackKind.Integer when typeof(T) == typeof(long):
                result = (T)(object)token.Number;
                return true;
            case MessagePackKind.Integer when typeof(T) == typeof(double):
                result = (T)(object)(double)token.Number;
                return true;
            case MessagePackKind.Float when typeof(T) == typeof(double) && MessagePackToJson.IsFinite(token):
                result = (T)(object)token.Float;
                return true;
            case MessagePackKind.Boolean when typeof(T) == typeof(bool):
                result = (T)(object)(token.Number == 1);
                return true;
            case MessagePackKind.Binary when typeof(T) == typeof(byte[]) || typeof(T) == typeof(object):
                result = (T)(object)token.Bytes.ToArray();
                return true;
            case MessagePackKind.Binary when typeof(T) == typeof(ReadOnlyMemory<byte>):
                result = (T)(object)value[^token.Bytes.Length..];
                return true;
            default:
                return false;
        }
    }
}

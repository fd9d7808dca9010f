using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Holdfast.Protocol;

/// <summary>How values become JSON when the application has not said otherwise: the way a web client expects.</summary>
/// <remarks>
/// Properties in camelCase, read without regard to case; numbers may be read from strings; text goes out as it is, with no escapes but
/// those that JSON needs; dates are ISO 8601 strings, as JavaScript writes them. NaN and Infinity throw at the emit, where JavaScript
/// would silently send null: set <see cref="JsonSerializerOptions.NumberHandling"/> or send a nullable.
/// </remarks>
internal static class JsonDefaults
{
    /// <summary>A read-only copy of the application's options with what the wire needs.</summary>
    /// <remarks>
    /// Types are found in the application's resolver first, then among those that the library brings (<see cref="KnownTypes"/>), so that
    /// an ahead-of-time compiled program lists only its own. Without a resolver, reflection is used where it is enabled.
    /// </remarks>
    public static JsonSerializerOptions Complete(JsonSerializerOptions? options, JsonPacketParser parser)
    {
        var complete = options is null ? new JsonSerializerOptions(JsonSerializerDefaults.Web) : new JsonSerializerOptions(options);
        complete.WriteIndented = false;
        complete.Encoder ??= JavaScriptStringEncoder.Shared;
        BinaryConverter.AddTo(complete.Converters);
        complete.Converters.Add(new EventArgumentConverter(parser));
        if (complete.TypeInfoResolver is null && JsonSerializer.IsReflectionEnabledByDefault)
        {
            complete.TypeInfoResolver = ReflectionResolver();
        }

        complete.TypeInfoResolverChain.Add(KnownTypes.Resolver);
        complete.MakeReadOnly();
        return complete;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Reached only where the application kept reflection enabled.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Reached only where the application kept reflection enabled.")]
    private static DefaultJsonTypeInfoResolver ReflectionResolver() => new();
}

using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Holdfast.Protocol;

/// <summary>
/// The types that an argument often is by itself, readable and writable without reflection, so that an application's source-generated
/// context needs to list only its own.
/// </summary>
internal sealed class KnownTypes : IJsonTypeInfoResolver
{
    public static readonly KnownTypes Resolver = new();

    private readonly Dictionary<Type, Func<JsonSerializerOptions, JsonTypeInfo>> _types = [];

    private KnownTypes()
    {
        AddValue(JsonMetadataServices.BooleanConverter);
        AddValue(JsonMetadataServices.ByteConverter);
        AddValue(JsonMetadataServices.Int16Converter);
        AddValue(JsonMetadataServices.Int32Converter);
        AddValue(JsonMetadataServices.Int64Converter);
        AddValue(JsonMetadataServices.UInt32Converter);
        AddValue(JsonMetadataServices.UInt64Converter);
        AddValue(JsonMetadataServices.SingleConverter);
        AddValue(JsonMetadataServices.DoubleConverter);
        AddValue(JsonMetadataServices.DecimalConverter);
        AddValue(JsonMetadataServices.DateTimeConverter);
        AddValue(JsonMetadataServices.DateTimeOffsetConverter);
        AddValue(JsonMetadataServices.TimeSpanConverter);
        AddValue(JsonMetadataServices.GuidConverter);
        Add(JsonMetadataServices.StringConverter);
        Add(JsonMetadataServices.ObjectConverter);
        Add(JsonMetadataServices.UriConverter);
        Add(JsonMetadataServices.JsonElementConverter);
        Add(JsonMetadataServices.JsonDocumentConverter);
        Add(JsonMetadataServices.JsonNodeConverter);
        Add(JsonMetadataServices.JsonObjectConverter);
        Add(JsonMetadataServices.JsonArrayConverter);
        Add(JsonMetadataServices.JsonValueConverter);
        AddConverted<byte[]>();
        AddConverted<ReadOnlyMemory<byte>>();
        AddConverted<Memory<byte>>();
        AddConverted<ArraySegment<byte>>();
        AddConverted<EventArgument>();
    }

    public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options) =>
        _types.TryGetValue(type, out var create) ? create(options) : null;

    private void AddValue<T>(JsonConverter<T> converter)
        where T : struct
    {
        Add(converter);
        _types[typeof(T?)] = static options =>
            JsonMetadataServices.CreateValueInfo<T?>(options, JsonMetadataServices.GetNullableConverter<T>(options));
    }

    private void Add<T>(JsonConverter<T?> converter) =>
        _types[typeof(T)] = options => JsonMetadataServices.CreateValueInfo<T>(options, FromOptions<T>(options) ?? converter);

    /// <summary>The types whose converters are in every parser's options.</summary>
    private void AddConverted<T>() =>
        _types[typeof(T)] = static options => JsonMetadataServices.CreateValueInfo<T>(options, FromOptions<T>(options)!);

    /// <summary>A converter of the application wins, as it does with every other resolver.</summary>
    private static JsonConverter? FromOptions<T>(JsonSerializerOptions options)
    {
        foreach (var converter in options.Converters)
        {
            if (converter.CanConvert(typeof(T)))
            {
                return converter is JsonConverterFactory factory ? factory.CreateConverter(typeof(T), options) : converter;
            }
        }

        return null;
    }
}

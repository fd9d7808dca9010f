using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Holdfast.Server.Tests.Hosting;

/// <summary>All options, found by looking: one that is added tomorrow is here already, with a value that differs from its default.</summary>
internal static class OptionList
{
    /// <summary>Types whose values text can't give; an option of one of them is set in code. Any other type has to come from configuration.</summary>
    private static readonly (Type Type, string Reason)[] CodeOnly =
    [
        (typeof(Delegate), "it is code"),
        (typeof(PacketParser), "it is code, and so are its own options"),
        (typeof(EngineMessage), "it is text or bytes, and text in a file does not say which"),
        (typeof(JsonSerializerOptions), "it consists of converters and contracts, which are code"),
    ];

    /// <summary>Every value in the tree of options that text can give; what says <c>null</c> by default and is an object is entered.</summary>
    public static IEnumerable<Option> All { get; } = Find(typeof(SocketIOOptions), new SocketIOOptions(), "").ToArray();

    public static Option Named(string path) => All.Single(option => option.Path == path);

    private static IEnumerable<Option> Find(Type type, object defaults, string above)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var path = above.Length == 0 ? property.Name : $"{above}:{property.Name}";
            var value = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (CodeOnly.Any(one => one.Type.IsAssignableFrom(value)))
                continue;
            if (typeof(IEnumerable<string>).IsAssignableFrom(value) && value != typeof(string))
                yield return new Option(path, property, [$"{path}:0", $"{path}:1"], ["https://one.example", "https://two.example"]);
            else if (Example(value, property.GetValue(defaults)) is { } example)
                yield return new Option(path, property, [path], [example]);
            else if (value.IsClass && value.GetConstructor([]) is { } constructor)
                foreach (var option in Find(value, constructor.Invoke([]), path))
                    yield return option;
            else
                throw new InvalidOperationException($"{path} is of the type {value}: say in {nameof(CodeOnly)} why configuration can't set it, or in {nameof(Example)} how it does.");
        }
    }

    private static string? Example(Type type, object? defaultValue) => defaultValue switch
    {
        bool value => value ? "false" : "true",
        TimeSpan value => (value - TimeSpan.FromMilliseconds(500)).ToString(),
        int or long => Less(Convert.ToInt64(defaultValue, null)),
        Enum value => Enum.GetNames(type).First(name => name != value.ToString() && Convert.ToInt32(Enum.Parse(type, name), null) > 0),
        _ when type == typeof(string) => "text",
        _ when type == typeof(TimeSpan) => "00:00:07",
        _ when type == typeof(int) || type == typeof(long) => "11",
        _ when type == typeof(bool) => "true",
        _ when type.IsEnum => Enum.GetNames(type)[^1],
        _ => null,
    };

    private static string Less(long value) => (value > 1 ? value - 1 : value + 1).ToString(System.Globalization.CultureInfo.InvariantCulture);

    internal sealed record Option(string Path, PropertyInfo Property, string[] Keys, string[] Values)
    {
        /// <summary>A file of settings with its value, and with those that stand beside it in the same object, which may need each other.</summary>
        public IConfiguration Configuration => new ConfigurationBuilder().AddInMemoryCollection(
            from option in All
            where option == this || (Parent.Length > 0 && option.Parent == Parent)
            from setting in option.Keys.Zip(option.Values)
            select KeyValuePair.Create("SocketIO:" + setting.First, (string?)setting.Second)).Build();

        /// <summary>Whether it is ours to check.</summary>
        public bool IsOurs => Property.DeclaringType!.Assembly == typeof(SocketIOOptions).Assembly;

        private string Parent => Path.LastIndexOf(':') is var end and >= 0 ? Path[..end] : "";

        /// <summary>The objects on the way to it are made if they are not there.</summary>
        public void Set(SocketIOOptions options, object? value) => Property.SetValue(Holder(options, make: true), value);

        /// <summary>As text, the way in which configuration would write it.</summary>
        public string[] Read(SocketIOOptions options) => Holder(options, make: false) is not { } holder ? ["(nothing)"] : Property.GetValue(holder) switch
        {
            string value => [value],
            IEnumerable<string> all => [.. all],
            bool value => [value ? "true" : "false"],
            var value => [Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "null"],
        };

        private object? Holder(object options, bool make)
        {
            object? holder = options;
            foreach (var name in Path.Split(':')[..^1])
            {
                var property = holder!.GetType().GetProperty(name)!;
                if (property.GetValue(holder) is null && make)
                    property.SetValue(holder, Activator.CreateInstance(property.PropertyType));
                holder = property.GetValue(holder);
                if (holder is null)
                    return null;
            }
            return holder;
        }
    }
}

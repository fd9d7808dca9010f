using System.Reflection;

namespace Holdfast.Architecture;

/// <summary>
/// Hosting -> [root classes, Sockets, Adapters, Cluster] -> Recovery -> Engine -> Diagnostics -> Holdfast.Protocol: code uses what stands to its right or
/// beside it, never what stands to its left. Read from the compiled code, so that a use without a using counts as well.
/// </summary>
public sealed class LayerTests
{
    private static readonly Assembly Server = Assembly.Load("Holdfast.Server");

    /// <summary>The classes of the root that act; the root's other types are options and values, which every folder may use.</summary>
    private static readonly string[] RootClasses =
    [
        "Holdfast.SocketIOServer", "Holdfast.SocketIONamespace", "Holdfast.ServerSocket",
        "Holdfast.Broadcaster", "Holdfast.BroadcastOperator", "Holdfast.SocketOperator",
    ];

    private enum Layer
    {
        Value,
        Diagnostics,
        Engine,
        Recovery,
        Sockets,
        Hosting,
    }

    [Fact]
    public void A_folder_uses_only_what_stands_to_its_right()
    {
        var wrong =
            from type in Server.GetTypes()
            where !type.IsNested && !IsGenerated(type)
            from used in TypeUses.Of(type)
            where used.Assembly == Server && LayerOf(used) > CeilingOf(type)
            select $"{type.FullName} ({LayerOf(type)}) uses {used.FullName} ({LayerOf(used)})";

        Assert.Empty(wrong.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_namespace_of_the_server_has_a_layer()
    {
        var unknown = Server.GetTypes().Where(type => !type.IsNested && !IsGenerated(type) && LayerOf(type) is null).Select(type => type.FullName);

        Assert.Empty(unknown);
    }

    [Fact]
    public void The_protocol_needs_nothing_but_the_framework()
    {
        var references = Assembly.Load("Holdfast.Protocol").GetReferencedAssemblies().Select(name => name.Name!);

        Assert.All(references, name => Assert.True(name.StartsWith("System.", StringComparison.Ordinal), name));
    }

    // Options and values may carry a root class in a callback's type, but know nothing of hosting.
    private static Layer CeilingOf(Type type) => LayerOf(type) is Layer.Value ? Layer.Sockets : LayerOf(type) ?? Layer.Hosting;

    private static Layer? LayerOf(Type type) => type.Namespace switch
    {
        "Holdfast" => RootClasses.Contains(type.FullName) ? Layer.Sockets : Layer.Value,
        "Holdfast.Diagnostics" => Layer.Diagnostics,
        "Holdfast.Engine" => Layer.Engine,
        "Holdfast.Recovery" or "Holdfast.Recovery.Files" => Layer.Recovery,
        "Holdfast.Sockets" or "Holdfast.Adapters" or "Holdfast.Cluster" => Layer.Sockets,
        "Holdfast.Hosting" or "Microsoft.AspNetCore.Builder" or "Microsoft.AspNetCore.Hosting" or "Microsoft.Extensions.DependencyInjection" => Layer.Hosting,
        _ => null,
    };

    // What compilers and source generators add: <PrivateImplementationDetails>, embedded attributes, regex and logging helpers.
    private static bool IsGenerated(Type type) =>
        type.Name.Contains('<') || type.Namespace is null || type.Namespace.StartsWith("System.", StringComparison.Ordinal)
        || type.Namespace.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal)
        || type.Namespace.StartsWith("Microsoft.Extensions.Logging", StringComparison.Ordinal);
}

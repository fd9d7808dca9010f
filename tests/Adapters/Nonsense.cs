using Holdfast.Cluster;

namespace Holdfast.Adapters.Tests;

/// <summary>Messages that are well-formed and that nobody in his right mind would send.</summary>
internal static class Nonsense
{
    public static ClusterMessage[] All { get; } =
    [
        new PresenceMessage(ClusterMessageType.Heartbeat),
        new FetchedMessage("/", "never asked", [], IsLast: true),
        new ServerSideAnswerMessage("/", "never asked", null),
        new ClientCountMessage("/", "never asked", int.MaxValue),
        new ClientAnswerMessage("/", "never asked", null),
        new BroadcastMessage("/no such namespace", BroadcastTarget.Everyone, "hello", EventArguments.Empty, "a question"),
        new BroadcastMessage("/no such namespace", BroadcastTarget.Everyone, "hello", EventArguments.Empty, null),
        new RoomsMessage("/no such namespace", BroadcastTarget.Everyone, ["room"], Join: true),
        new RoomsMessage("/", BroadcastTarget.Everyone.To("no such room"), ["room"], Join: false),
        new DisconnectMessage("/", BroadcastTarget.Everyone.To("no such room"), Close: true),
        new DisconnectMessage("", BroadcastTarget.Everyone, Close: true),
        new FetchMessage("/no such namespace", BroadcastTarget.Everyone, "a question"),
        new ServerSideMessage("/no such namespace", "hello", EventArguments.Empty, "a question"),
        new ServerSideMessage("/", "nobody listens", EventArguments.Empty, ""),
        new ServerSideMessage("/", "", EventArguments.Empty, null),
    ];
}

using System.Text.Json.Serialization;

namespace Chat;

internal sealed record JoinRequest(string? Name, string? Room, string? Tab);

/// <summary>Who is in a room. An answer and an event can pass each other on their way: the version tells which list is the newer one.</summary>
internal sealed record Crowd(long Version, object[] Members);

/// <summary>What a request is answered with: what there is to say, or an error and the field that it is about.</summary>
internal sealed record Answer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Room = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Crowd? People = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? At = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Field = null);

/// <summary>What a page that is connected again wants to know: how many events it missed and gets now, or why not; and where it sits.</summary>
internal sealed record Return(int Missed, string Reason, string? Name, string? Room);

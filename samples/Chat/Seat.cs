using System.Text.Json.Serialization;

namespace Chat;

/// <summary>One session in one room, under a name, and what its tab calls itself. It is kept in the session's data, so that it comes back with it.</summary>
internal sealed record Seat(string Room, string Name, string Session, string? Tab)
{
    /// <summary>The room of sockets: a prefix keeps rooms that people name apart from the ids of sockets.</summary>
    [JsonIgnore]
    public string Channel => "room:" + Room;

    public bool IsOf(Person person) => person.Session == Session && person.Name == Name;
}

/// <summary>Who sits on a seat. Nobody but its owner knows what the tab calls itself.</summary>
internal sealed class Person(string name, string session, string? tab)
{
    public string Name => name;

    public string Session => session;

    public string? Tab => tab;

    /// <summary>The connection is lost, and the session waits for its client.</summary>
    public bool IsAway { get; set; }
}

using System.Text.Json.Serialization;

namespace Chat;

/// <summary>Who is in which room. The lobby is always there; another room is there while somebody is in it.</summary>
internal sealed class ChatRooms
{
    public const int MaxMessage = 1000;
    private const int MaxName = 24;
    private const int MaxRoom = 32;
    private const int MaxRooms = 100;
    private const int MaxPeople = 500;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, List<string>> _rooms = new(StringComparer.Ordinal) { ["lobby"] = [] };

    /// <summary>Takes a seat in a room, or says why not. Who asks for the seat that they have keeps it.</summary>
    public (Seat? Seat, Answer? Refusal) Take(JoinRequest wish, Seat? present)
    {
        var name = (wish.Name ?? "").Trim();
        var room = (wish.Room ?? "").Trim().ToLowerInvariant();
        if (name.Length is 0 or > MaxName || name.Any(char.IsControl))
            return (null, new Answer(Error: $"A name has 1 to {MaxName} characters.", Field: "name"));
        if (room.Length is 0 or > MaxRoom || room.Any(char.IsControl))
            return (null, new Answer(Error: $"A room's name has 1 to {MaxRoom} characters.", Field: "room"));
        var seat = new Seat(room, name);
        if (seat == present)
            return (present, null);
        lock (_gate)
        {
            if (!_rooms.TryGetValue(room, out var people))
            {
                if (_rooms.Count == MaxRooms)
                    return (null, new Answer(Error: "There are too many rooms; join one of them.", Field: "room"));
                _rooms.Add(room, people = []);
            }
            if (people.Contains(name, StringComparer.OrdinalIgnoreCase))
                return (null, new Answer(Error: $"Somebody in #{room} is called {name} already.", Field: "name"));
            if (people.Count == MaxPeople)
                return (null, new Answer(Error: $"#{room} is full.", Field: "room"));
            people.Add(name);
        }
        return (seat, null);
    }

    public void Free(Seat seat)
    {
        lock (_gate)
        {
            if (_rooms.TryGetValue(seat.Room, out var people) && people.Remove(seat.Name) && people.Count == 0 && seat.Room != "lobby")
                _rooms.Remove(seat.Room);
        }
    }

    public Answer Welcome(Seat seat) => new(Name: seat.Name, Room: seat.Room, People: People(seat.Room));

    public object News(Seat seat) => new { seat.Name, People = People(seat.Room), At = DateTimeOffset.UtcNow };

    public object[] List()
    {
        lock (_gate)
            return [.. _rooms.Select(room => new { Name = room.Key, People = room.Value.Count })];
    }

    private string[] People(string room)
    {
        lock (_gate)
            return [.. _rooms.GetValueOrDefault(room) ?? []];
    }
}

/// <summary>One person in one room.</summary>
internal sealed record Seat(string Room, string Name)
{
    /// <summary>The room of sockets: a prefix keeps rooms that people name apart from the ids of sockets.</summary>
    public string Channel => "room:" + Room;
}

internal sealed record JoinRequest(string? Name, string? Room);

/// <summary>What a request is answered with: what there is to say, or an error and the field that it is about.</summary>
internal sealed record Answer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Room = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string[]? People = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? At = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Field = null);

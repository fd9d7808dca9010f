namespace Chat;

/// <summary>Who is in which room. The lobby is always there; another room is there while somebody is in it. Who has lost the connection keeps the seat, and is away.</summary>
internal sealed class ChatRooms
{
    public const int MaxMessage = 1000;
    private const int MaxName = 24;
    private const int MaxRoom = 32;
    private const int MaxTab = 64;
    private const int MaxRooms = 100;
    private const int MaxPeople = 500;

    private readonly Lock _gate = new();

    // Above all that a process before this one has told, since pages that come back know those.
    private long _version = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private readonly SortedDictionary<string, List<Person>> _rooms = new(StringComparer.Ordinal) { ["lobby"] = [] };

    /// <summary>
    /// Takes a seat in a room, or says why not. Who asks for the seat that they have keeps it. A tab that was loaded anew, so that its former session is away, gets the seat of that one.
    /// </summary>
    /// <param name="wish">Who wants to sit where.</param>
    /// <param name="present">The seat that they have.</param>
    /// <param name="session">The id of their session.</param>
    /// <param name="replaced">The id of the session whose seat it was.</param>
    public (Seat? Seat, Answer? Refusal) Take(JoinRequest wish, Seat? present, string session, out string? replaced)
    {
        replaced = null;
        var name = (wish.Name ?? "").Trim();
        var room = (wish.Room ?? "").Trim().ToLowerInvariant();
        if (name.Length is 0 or > MaxName || name.Any(char.IsControl))
            return (null, new Answer(Error: $"A name has 1 to {MaxName} characters.", Field: "name"));
        if (room.Length is 0 or > MaxRoom || room.Any(char.IsControl))
            return (null, new Answer(Error: $"A room's name has 1 to {MaxRoom} characters.", Field: "room"));
        var tab = wish.Tab is { Length: > 0 and <= MaxTab } ? wish.Tab : null;
        var seat = new Seat(room, name, session, tab);
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
            if (people.Find(person => string.Equals(person.Name, name, StringComparison.OrdinalIgnoreCase)) is { } former)
            {
                if (!former.IsAway || tab is null || former.Tab != tab)
                    return (null, new Answer(Error: $"Somebody in #{room} is called {former.Name} already.", Field: "name"));
                replaced = former.Session;
                people.Remove(former);
            }
            else if (people.Count == MaxPeople)
            {
                return (null, new Answer(Error: $"#{room} is full.", Field: "room"));
            }
            people.Add(new Person(name, session, tab));
            _version++;
        }
        return (seat, null);
    }

    /// <summary>False: the seat is somebody else's by now.</summary>
    public bool Free(Seat seat)
    {
        lock (_gate)
        {
            if (!_rooms.TryGetValue(seat.Room, out var people) || people.RemoveAll(seat.IsOf) == 0)
                return false;
            if (people.Count == 0 && seat.Room != "lobby")
                _rooms.Remove(seat.Room);
            _version++;
            return true;
        }
    }

    /// <summary>False: nothing has changed, or the seat is somebody else's by now.</summary>
    public bool SetAway(Seat seat, bool isAway)
    {
        lock (_gate)
        {
            if (_rooms.GetValueOrDefault(seat.Room)?.Find(seat.IsOf) is not { } person || person.IsAway == isAway)
                return false;
            person.IsAway = isAway;
            _version++;
            return true;
        }
    }

    /// <summary>Whether nobody has heard of the seat: it was taken in a process before this one.</summary>
    public bool IsNews(Seat seat)
    {
        lock (_gate)
            return _rooms.GetValueOrDefault(seat.Room)?.Exists(seat.IsOf) != true;
    }

    public Answer Welcome(Seat seat) => new(Name: seat.Name, Room: seat.Room, People: People(seat.Room));

    public object News(Seat seat) => new { seat.Name, People = People(seat.Room), At = DateTimeOffset.UtcNow };

    public object[] List()
    {
        lock (_gate)
            return [.. _rooms.Select(room => new { Name = room.Key, People = room.Value.Count })];
    }

    private Crowd People(string room)
    {
        lock (_gate)
            return new Crowd(_version, [.. (_rooms.GetValueOrDefault(room) ?? []).Select(person => new { person.Name, person.IsAway })]);
    }
}

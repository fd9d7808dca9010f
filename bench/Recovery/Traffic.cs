namespace Holdfast.RecoveryBench;

/// <summary>
/// What a server sent while clients were away: of each <paramref name="total"/> events every client missed the same number, some to everybody and some to its two rooms, spread evenly
/// at random; the rest went to rooms of others. The same seed makes the same traffic.
/// </summary>
internal sealed class Traffic(int total, int groups)
{
    public const int Missed = 100;

    private const int ToEverybody = 20;
    private const int RoomsOfOthers = 5_000;

    // Sixty characters of text: a short chat message.
    private const string Text = "The train to the coast leaves from platform nine at noon ...";

    /// <summary>Somebody has to be in them, or nothing of it is kept.</summary>
    public static readonly string[] Others = [.. Enumerable.Range(0, RoomsOfOthers).Select(n => $"room of others {n}")];
    private readonly List<int>[] _expected = [.. Enumerable.Range(0, groups).Select(_ => new List<int>(Missed))];

    public static string[] RoomsOf(int group) => [$"left {group}", $"right {group}"];

    /// <summary>The numbers of the events that a client of this group missed, in order.</summary>
    public List<int> Expected(int group) => _expected[group];

    public async Task SendAsync(SocketIOServer io)
    {
        var order = new Random(1);
        var receivers = new string?[total];
        var next = ToEverybody;
        for (var group = 0; group < groups; group++)
        {
            for (var i = 0; i < Missed - ToEverybody; i++)
                receivers[next++] = RoomsOf(group)[i % 2];
        }
        for (; next < total; next++)
            receivers[next] = Others[next % RoomsOfOthers];
        order.Shuffle(receivers);

        for (var number = 0; number < total; number++)
        {
            Broadcaster target = receivers[number] is { } room ? io.To(room) : io;
            await target.EmitAsync("news", number, Text);
            Expect(receivers[number], number);
        }
    }

    private void Expect(string? room, int number)
    {
        if (room is null)
        {
            foreach (var list in _expected)
                list.Add(number);
        }
        else if (!room.StartsWith("room", StringComparison.Ordinal))
        {
            _expected[int.Parse(room.AsSpan(room.IndexOf(' ', StringComparison.Ordinal)), System.Globalization.CultureInfo.InvariantCulture)].Add(number);
        }
    }
}

using Microsoft.AspNetCore.SignalR;

namespace Holdfast.Peers;

/// <summary>The events of a benchmark. What a method returns is the acknowledgement.</summary>
internal sealed class BenchHub : Hub
{
#pragma warning disable CA1822 // a static method is none of a hub's
    public string Echo(string payload) => payload;
#pragma warning restore CA1822

    public Task Broadcast(string payload) => Clients.All.SendAsync("broadcast", payload);

    public Task Join(string room) => Groups.AddToGroupAsync(Context.ConnectionId, room);

    public Task Room(string room, string payload) => Clients.Group(room).SendAsync("room", payload);
}

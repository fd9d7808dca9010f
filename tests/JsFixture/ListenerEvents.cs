namespace Holdfast.JsFixture;

/// <summary>A socket with everything that stands around its handlers; what happens there is noted under its id.</summary>
internal static class ListenerEvents
{
    public static void Serve(ServerSocket socket, Sightings seen)
    {
        var id = socket.Id;
        socket.On("listen", () =>
        {
            socket.OnAny(context => seen.Log(id, $"in {context.EventName}"));
            socket.OnAnyOutgoing((name, arguments) => seen.Log(id, $"out {name} {arguments.Count}"));
            socket.Use(async (context, next) =>
            {
                if (context.EventName == "forbidden")
                {
                    await context.AckAsync("not allowed");
                    return;
                }
                if (context.EventName == "shout")
                    context.ReplaceArgument(0, context.Arguments.Get<string>(0)!.ToUpperInvariant());
                await next();
                seen.Log(id, $"done {context.EventName}");
            });
            socket.OnError(failure => seen.Add($"error-{id}", failure.Message));
            return true;
        });
        socket.On("shout", async (string text, EventArgument rest) =>
        {
            seen.Log(id, $"handler {text}");
            await socket.Compress(false).EmitAsync("shouted", text, rest);
            await socket.Namespace.SendAsync("somebody shouted");
            return text.Length;
        });
        socket.On("forbidden", () => "never");
    }
}

using System.Buffers;
using System.IO.Pipelines;

namespace Holdfast.Peers;

/// <summary>One client: what has arrived is handled in one go, frame by frame, and whoever was written to meanwhile is flushed afterwards, once.</summary>
internal sealed partial class LimitConnection(LimitServer server, PipeReader input, PipeWriter output, Action abort)
{
    private readonly List<Group<LimitConnection>> _joined = [];

    public async Task RunAsync()
    {
        try
        {
            Open();
            while (await input.ReadAsync() is var read && Handle(read.Buffer) && !read.IsCompleted)
            {
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidDataException)
        {
            // the connection is lost, or says what nobody says here
        }
        finally
        {
            foreach (var group in _joined)
                group.Remove(this);
            End();
        }
    }

    private void Open()
    {
        var scratch = Scratch.Own;
        var frame = scratch.Frame(0);
        Write(Frame.Finish(frame, ServerMessage.WriteOpen(frame[Frame.MaxHeader..])), scratch.Touched);
        FlushTouched(scratch);
    }

    private bool Handle(in ReadOnlySequence<byte> buffer)
    {
        var scratch = Scratch.Own;
        var bytes = buffer.IsSingleSegment ? buffer.FirstSpan : buffer.ToArray();
        var consumed = 0;
        var goesOn = true;
        while (goesOn && Frame.TryRead(bytes[consumed..], out var frame))
        {
            goesOn = Handle(frame, scratch);
            consumed += frame.Length;
        }

        input.AdvanceTo(buffer.GetPosition(consumed), buffer.End);
        FlushTouched(scratch);
        return goesOn;
    }

    private bool Handle(in Frame frame, Scratch scratch)
    {
        var bytes = scratch.Message(frame.Payload.Length);
        frame.Unmask(bytes);
        var answer = scratch.Frame(bytes.Length);
        if (frame.Opcode != Frame.Text)
        {
            bytes.CopyTo(answer[Frame.MaxHeader..]);
            if (frame.Opcode is Frame.Ping or Frame.Close)
                Write(Frame.Finish(answer, bytes.Length, frame.Opcode == Frame.Ping ? Frame.Pong : Frame.Close), scratch.Touched);
            return frame.Opcode != Frame.Close;
        }

        var message = ClientMessage.Read(bytes);
        var to = answer[Frame.MaxHeader..];
        switch (message.Kind)
        {
            case ClientMessageKind.Echo:
                Write(Frame.Finish(answer, ServerMessage.WriteEcho(to, message)), scratch.Touched);
                break;
            case ClientMessageKind.Broadcast:
                WriteTo(server.Everyone, Frame.Finish(answer, ServerMessage.WriteBroadcast(to, message)), scratch.Touched);
                break;
            case ClientMessageKind.Room when server.Rooms.Find(message.Room) is { } room:
                WriteTo(room, Frame.Finish(answer, ServerMessage.WriteRoom(to, message)), scratch.Touched);
                break;
            case ClientMessageKind.Join:
                Join(server.Rooms.FindOrAdd(message.Room));
                if (!message.AckId.IsEmpty)
                    Write(Frame.Finish(answer, ServerMessage.WriteAck(to, message.AckId, [])), scratch.Touched);
                break;
            case ClientMessageKind.Connect:
                Join(server.Everyone);
                Write(Frame.Finish(answer, ServerMessage.WriteConnect(to)), scratch.Touched);
                break;
            case ClientMessageKind.Ping:
                to[0] = (byte)'3';
                bytes[1..].CopyTo(to[1..]);
                Write(Frame.Finish(answer, bytes.Length), scratch.Touched);
                break;
            case ClientMessageKind.Disconnect:
                return false;
        }

        return true;
    }

    private void Join(Group<LimitConnection> group)
    {
        group.Add(this);
        _joined.Add(group);
    }

    private static void WriteTo(Group<LimitConnection> group, ReadOnlySpan<byte> frame, List<LimitConnection> touched)
    {
        foreach (var member in group.Members)
            member.Write(frame, touched);
    }

    private void FlushTouched(Scratch scratch)
    {
        foreach (var connection in scratch.Touched)
        {
            if (connection != this && server.FlushesFromPool)
                ThreadPool.UnsafeQueueUserWorkItem(connection, preferLocal: false);
            else
                connection.Flush();
        }

        scratch.Touched.Clear();
    }
}

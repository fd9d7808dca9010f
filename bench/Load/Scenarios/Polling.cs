using System.Text;
using Holdfast.Load.Dialects;
using Holdfast.Load.Wire;

namespace Holdfast.Load.Scenarios;

/// <summary>A hundred clients on long polling, each with one question open, one keep-alive connection for its GETs and one for its POSTs.</summary>
internal sealed class Polling(string name, string title, int cores) : Scenario(name, title, cores)
{
    private const int Clients = 100;

    public override bool Suits(Servers.Peer peer) => peer.HasPolling;

    public override Result Run(Stage stage)
    {
        var clients = Enumerable.Range(0, Clients).Select(i => new PollingClient(stage, i)).ToArray();
        stage.Keep(clients.Select(client => client.Posts));
        stage.Open([.. clients.Select(client => client.Polls)], Spread);
        var measured = stage.Measure(
            worker => Array.ForEach(clients, client => { if (client.Polls.Worker == worker) client.Ask(); }),
            () => clients.Count(client => client.IsAsking));
        return Result.Of(measured, stage.Verdict);
    }
}

internal sealed class PollingClient
{
    private readonly Stage _stage;
    private readonly int _index;
    private byte[] _target = "/socket.io/?EIO=4&transport=polling"u8.ToArray();
    private bool _hasSession, _owesPong, _asking;
    private int _number;

    public PollingClient(Stage stage, int index)
    {
        (_stage, _index) = (stage, index);
        (Polls, Posts) = (new(this), new(this));
    }

    public PollConnection Polls { get; }

    public PostConnection Posts { get; }

    public bool IsAsking => Volatile.Read(ref _asking);

    public void Start()
    {
        Polls.Worker.Open(Posts, Polls.Port);
        Polls.Get(_target);
    }

    public void Ask()
    {
        Span<byte> payload = stackalloc byte[Payload.Length];
        Payload.Write(payload, _index, ++_number);
        _asking = true;
        Post(new Text(stackalloc byte[Text.Longest]).Add("427[\"echo\",\""u8).Add(payload).Add("\"]"u8).Written);
    }

    public void Polled(ReadOnlySpan<byte> body)
    {
        while (body.Length > 0)
        {
            var end = body.IndexOf((byte)0x1e);
            Read(end < 0 ? body : body[..end]);
            body = end < 0 ? default : body[(end + 1)..];
        }
        Polls.Get(_target);
    }

    public void Posted(ReadOnlySpan<byte> body)
    {
        if (!body.SequenceEqual("ok"u8))
            _stage.Verdict.Fault("wrong answers", $"to a POST: {Encoding.UTF8.GetString(body)}");
        if (_owesPong)
        {
            _owesPong = false;
            Post("3"u8);
        }
        else if (!_asking && _number > 0 && !_stage.Stopping)
            Ask();
    }

    public void Lost(string why) => _stage.Verdict.Fault("lost connections", why);

    private void Post(ReadOnlySpan<byte> body)
    {
        Posts.IsBusy = true;
        Posts.Post(_target, body);
    }

    private void Read(ReadOnlySpan<byte> packet)
    {
        if (!_hasSession)
        {
            _hasSession = true;
            var sid = Encoding.ASCII.GetString(packet).Split("\"sid\":\"")[1].Split('"')[0];
            _target = [.. _target, .. Encoding.ASCII.GetBytes("&sid=" + sid)];
            Post("40"u8);
        }
        else if (packet.StartsWith("40{"u8))
            Polls.Connect();
        else if (packet.SequenceEqual("2"u8))
        {
            if (Posts.IsBusy)
                _owesPong = true;
            else
                Post("3"u8);
        }
        else
            ReadAnswer(packet);
    }

    private void ReadAnswer(ReadOnlySpan<byte> packet)
    {
        Text.Skip(ref packet, "437["u8);
        var argument = Text.TakeString(ref packet);
        Text.Skip(ref packet, "]"u8);
        if (!_asking || !Payload.TryRead(argument, out var sender, out var number) || sender != _index || number != _number)
        {
            _stage.Verdict.Fault("wrong answers", Encoding.UTF8.GetString(argument));
            return;
        }
        Volatile.Write(ref _asking, false);
        Polls.Worker.Count++;
        // The answer may overtake that to the POST; only one POST may be open.
        if (!Posts.IsBusy && !_stage.Stopping)
            Ask();
    }
}

internal sealed class PollConnection(PollingClient client) : HttpConnection, IMember
{
    public Action? Opened { get; set; }

    public override void Connected() => client.Start();

    public override void Answered(ReadOnlySpan<byte> body) => client.Polled(body);

    public override void Lost(string why) => client.Lost(why);

    public void Connect()
    {
        var opened = Opened;
        Opened = null;
        opened?.Invoke();
    }
}

internal sealed class PostConnection(PollingClient client) : HttpConnection
{
    public bool IsBusy { get; set; }

    public override void Answered(ReadOnlySpan<byte> body)
    {
        IsBusy = false;
        client.Posted(body);
    }

    public override void Lost(string why) => client.Lost(why);
}

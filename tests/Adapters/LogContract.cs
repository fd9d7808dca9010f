using System.Security.Cryptography;
using Holdfast.Cluster;
using Holdfast.Recovery;
using Holdfast.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Adapters.Tests;

/// <summary>Servers that share a log: who is there and what comes when is a matter of the log.</summary>
public abstract class LogContract : ClusterContract
{
    /// <summary>Another node of the log.</summary>
    private protected abstract ISharedLog Join();

    private protected override void Connect(IServiceCollection services) => services.AddSingleton(_ => Join());

    private protected override async Task<IAsyncDisposable> JoinMuteAsync()
    {
        var log = Join();
        await log.StartAsync(new Deaf(), CancellationToken.None).Within();
        return log;
    }

    private protected override async Task SettleAsync()
    {
        foreach (var host in Hosts)
            await host.Io.Recovery!.Road!.Log.CatchUpAsync(CancellationToken.None).Within();
    }

    private protected override async Task SayNonsenseAsync()
    {
        await using var log = Join();
        await log.StartAsync(new Deaf(), CancellationToken.None).Within();
        await log.AppendAsync(LogRecordKind.Message, default).Within();
        await log.AppendAsync(LogRecordKind.Message, new byte[7]).Within();
        await log.AppendAsync(LogRecordKind.Message, new byte[8]).Within(); // to nobody
        await log.AppendAsync(LogRecordKind.Message, new byte[9]).Within(); // to all, and there it ends
        for (var length = 1; length < 64; length++)
            await log.AppendAsync(LogRecordKind.Message, (byte[])[.. new byte[9], .. RandomNumberGenerator.GetBytes(length)]).Within();
        foreach (var nonsense in Nonsense.All)
        {
            var record = new RecordWriter();
            record.Reserve();
            record.Text("");
            ClusterCodec.Write(record, nonsense);
            await log.AppendAsync(LogRecordKind.Message, record.Written).Within();
        }
    }

    [Fact]
    public async Task What_was_said_before_a_server_has_started_is_not_for_it()
    {
        var host = await StartAsync();
        await host.Io.ServerSideEmitAsync("event", 1);
        var heard = new List<int>();
        await StartAsync(io => io.OnServerSideEmit("event", (int number) => heard.Add(number)));
        await host.Io.ServerSideEmitWithAckAsync<int>("event", 2).Within();
        Assert.Equal([2], heard);
    }

    [Fact]
    public async Task Who_has_started_before_a_question_is_asked_is_asked()
    {
        var host = await StartAsync();
        for (var i = 1; i <= 5; i++)
        {
            await StartAsync(io => io.OnServerSideEmit("question", () => 1));
            Assert.Equal(i, (await host.Io.ServerSideEmitWithAckAsync<int>("question").Within()).Responses.Count);
        }
    }

    /// <summary>Is there, and says nothing.</summary>
    private sealed class Deaf : ISharedLogReader
    {
        public void OnRecord(in LogRecord record)
        {
        }

        public void OnEpoch(EpochStart epoch)
        {
        }

        public void OnTrimmed(long tail)
        {
        }

        public void OnGap(long from, long to)
        {
        }

        public void OnNodeStarted(ulong node)
        {
        }

        public void OnNodeGone(ulong node)
        {
        }
    }
}

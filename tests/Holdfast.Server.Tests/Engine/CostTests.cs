using System.Diagnostics.Metrics;
using Holdfast.Diagnostics;
using Holdfast.Engine;
using Holdfast.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Server.Tests.Engine;

/// <summary>What a session costs its thread per message when nobody listens to it.</summary>
public class CostTests
{
    private const int Messages = 1000;

    [Fact]
    public void A_message_that_nobody_listens_to_is_received_and_sent_without_an_allocation()
    {
        using var rig = new Rig();
        rig.Exchange(Messages);

        Assert.Equal(0, rig.Exchange(Messages));
    }

    [Fact]
    public void Only_those_who_listen_pay_for_it()
    {
        using var rig = new Rig();
        rig.Session.Socket.OnHeartbeat(() => { });
        rig.Exchange(Messages);
        Assert.Equal(0, rig.Exchange(Messages));

        rig.Session.Socket.OnFlush(_ => { });
        rig.Exchange(Messages);
        Assert.InRange(rig.Exchange(Messages), 1, Messages * 200);
    }

    private sealed class Rig : IDisposable
    {
        private static readonly EncodedPacket Packet = Packets.Text("hello");
        private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        private readonly EngineServer _server;
        private readonly EncodedPacket[] _batch = new EncodedPacket[4];

        public Rig()
        {
            var meter = new EngineMeter(_services.GetRequiredService<IMeterFactory>().Create("Holdfast"));
            _server = new EngineServer(new EngineIOOptions(), static _ => BareHandler.Instance, new EngineServices(TimeProvider.System, NullLogger.Instance, meter));
            Session = new EngineSession(_server, "id", new Handshake(new DefaultHttpContext(), default), static session => new IdleTransport(session));
            Session.Open(Packets.Text("open"), null, static _ => BareHandler.Instance);
            Write();
        }

        public EngineSession Session { get; }

        /// <summary>How many bytes it has allocated, at the least of several times: what a collection takes away of the thread's chunk counts as allocated.</summary>
        public long Exchange(int messages) => Enumerable.Range(0, 3).Min(_ => ExchangeOnce(messages));

        private long ExchangeOnce(int messages)
        {
            var transport = (IPausable)Session.Transport;
            var data = new byte[5];
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < messages; i++)
            {
                var handled = Session.ReceiveAsync(EnginePacket.Binary(data), transport);
                if (!handled.IsCompletedSuccessfully || !handled.Result || !Session.TrySend(Packet))
                {
                    return -1;
                }

                Write();
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        public void Dispose()
        {
            Session.Discard(CloseReason.ForcedClose);
            _server.Dispose();
            _services.Dispose();
        }

        private void Write()
        {
            int count;
            lock (Session.Gate)
            {
                count = Session.TakeBatch(_batch, int.MaxValue);
            }

            Session.Flushing(_batch.AsSpan(0, count));
            Session.Sent(_batch.AsSpan(0, count));
        }
    }

    private sealed class IdleTransport(EngineSession session) : Transport(session, WebSocket), IPausable
    {
        public override bool IsWritable => true;

        public override void Notify()
        {
        }

        public override void End(CloseReason reason, bool abort)
        {
        }

        public void OnPause()
        {
        }

        public void OnResume()
        {
        }

        protected override void OnDeadline()
        {
        }
    }
}

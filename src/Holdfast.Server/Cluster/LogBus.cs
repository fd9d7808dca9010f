using System.Globalization;
using Holdfast.Recovery;

namespace Holdfast.Cluster;

/// <summary>
/// A bus over the log that the servers share: each message is a record. So it keeps its place behind everything that its server has emitted before, and who hears it is decided by the log: whoever is
/// there at its place.
/// </summary>
internal sealed class LogBus : IClusterBus, IMessageReader
{
    private const string Everybody = "";

    private readonly SharedRoad _road;
    private readonly PacketParser _parser;
    private readonly string _name;
    private IClusterMember? _member;

    public LogBus(SharedRoad road, PacketParser parser)
    {
        _road = road;
        _parser = parser;
        _name = NameOf(NodeId);
    }

    public ulong NodeId => _road.Log.NodeId;

    public IReadOnlyCollection<ulong> Others => [.. _road.Nodes.Where(node => node != NodeId)];

    public void Attach(IClusterMember member)
    {
        _member = member;
        _road.Messages = this;
    }

    public Task PublishAsync(ClusterMessage message, Action<IReadOnlyCollection<ulong>>? placed = null) => AppendAsync(Everybody, message, () => placed?.Invoke(Others));

    public Task SendAsync(ulong node, ClusterMessage message) => AppendAsync(NameOf(node), message, static () => { });

    Action? IMessageReader.Open(in LogRecord record)
    {
        try
        {
            var reader = new RecordReader(record.Payload.Span[sizeof(long)..]);
            return reader.Text() is var to && (to == Everybody || to == _name) ? _member!.Receive(record.Node, ClusterCodec.Read(ref reader, _parser)) : null;
        }
        catch (InvalidDataException broken)
        {
            _member!.OnMalformed(record.Node, broken.Message);
            return null;
        }
    }

    void IMessageReader.OnNodeGone(ulong node) => _member!.OnNodeGone(node);

    private static string NameOf(ulong node) => node.ToString("x16", CultureInfo.InvariantCulture);

    private Task AppendAsync(string to, ClusterMessage message, Action run)
    {
        return _road.AppendAsync(
            LogRecordKind.Message,
            record =>
            {
                record.Text(to);
                ClusterCodec.Write(record, message);
            },
            run);
    }
}

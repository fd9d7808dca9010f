namespace Holdfast.Server.Tests.Sockets;

/// <summary>A parser around another, as one that encrypts would be.</summary>
internal sealed class Wrapper : PacketParser
{
    private readonly MessagePackParser _inner = new();

    public bool Carries { get; init; } = true;

    public Func<EncodedPacket, EncodedPacket> Change { get; set; } = packet => packet;

    public Exception? DecoderFault { get; init; }

    public override bool CarriesOffsets => Carries;

    public override EncodedPacket EncodeEvent(string nsp, long ackId, string eventName, ReadOnlySpan<object?> arguments, string? offset = null) =>
        Change(_inner.EncodeEvent(nsp, ackId, eventName, arguments, offset));

    public override EncodedPacket EncodeAck(string nsp, long ackId, ReadOnlySpan<object?> arguments) => _inner.EncodeAck(nsp, ackId, arguments);

    public override EncodedPacket EncodeConnect(string nsp, string sid, string? pid) => _inner.EncodeConnect(nsp, sid, pid);

    public override EncodedPacket EncodeConnectError(string nsp, string message, object? data) => _inner.EncodeConnectError(nsp, message, data);

    public override EncodedPacket EncodeDisconnect(string nsp) => _inner.EncodeDisconnect(nsp);

    public override EncodedPacket EncodeConnectRequest(string nsp, object? auth) => _inner.EncodeConnectRequest(nsp, auth);

    public override PacketDecoder CreateDecoder(long maxPacketBytes) => DecoderFault is null ? _inner.CreateDecoder(maxPacketBytes) : new Faulty(DecoderFault);

    public override EventArgument Capture(object? value) => _inner.Capture(value);

    public override T? Read<T>(ReadOnlyMemory<byte> value, ReadOnlyMemory<byte>[] attachments)
        where T : default => _inner.Read<T>(value, attachments);

    public override bool IsNull(ReadOnlyMemory<byte> value) => _inner.IsNull(value);

    public override string Describe(ReadOnlyMemory<byte> value) => _inner.Describe(value);

    private sealed class Faulty(Exception fault) : PacketDecoder
    {
        public override bool TryRead(ReadOnlyMemory<byte> message, bool isBinary, out Packet packet) => throw fault;
    }
}

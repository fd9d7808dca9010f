using Holdfast.Recovery;

namespace Holdfast.Server.Tests.Recovery.Shared;

// What one process writes another has to read, perhaps after an update: these bytes don't change by themselves.
public class RecordTests
{
    private static readonly ClaimRecord Claim = new("/", "id", 300, 1, 2, RecoveryReason.EventsTrimmed, [("in", true), ("out", false)]);

    private static readonly SessionRecord Session = new()
    {
        Namespace = "/",
        Id = "id",
        PrivateId = 1,
        Alias = 2,
        AliasReason = RecoveryReason.TailLost,
        User = "user",
        Fence = 5,
        IsParked = true,
        Cursor = 6,
        Start = 7,
        Known = new Checkpoint(8, 9),
        Confirmed = new Checkpoint(14, 15),
        RoomsKnownSince = 10,
        Rooms = [("room", 11)],
        Past = [new PastMembership("past", 12, 13)],
        Data = [("key", "1"u8.ToArray(), [[7]])],
    };

    [Fact]
    public void A_claim_has_these_bytes() =>
        Assert.Equal(
            "01-2F-02-69-64-AC-02-01-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-02-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-0A-02-02-69-6E-01-03-6F-75-74-00",
            BitConverter.ToString(Written(Claim.Write)));

    [Fact]
    public void A_session_has_these_bytes() =>
        Assert.Equal(
            "01-2F-02-69-64-01-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-01-02-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-09-01-04-75-73-65-72-05-01-06-07-08-09-0E-0F-0A-01-04-72-6F-6F-6D-0B-01-04-70-61-73-74-0C-0D-01-03-6B-65-79-01-31-01-01-07",
            BitConverter.ToString(Written(Session.Write)));

    [Fact]
    public void All_records_are_read_as_they_were_written()
    {
        var claim = Read(Written(Claim.Write), ClaimRecord.Read);
        Assert.Equal(Claim with { Rooms = [] }, claim with { Rooms = [] }); // arrays are compared by their contents only below
        Assert.Equal(Claim.Rooms, claim.Rooms);
        Assert.Equal(Written(Session.Write), Written(Read(Written(Session.Write), SessionRecord.Read).Write));
        Assert.Equal(new EndRecord("/", "id", 3), Read(Written(new EndRecord("/", "id", 3).Write), EndRecord.Read));
        Assert.Equal(new ContestRecord("/", "id"), Read(Written(new ContestRecord("/", "id").Write), ContestRecord.Read));

        var rooms = Read(Written(new RoomsRecord("/", new SessionTarget(["a"], ["b"], ulong.MaxValue), ["c"], Join: true).Write), RoomsRecord.Read);
        Assert.Equal(("/", true, ulong.MaxValue), (rooms.Namespace, rooms.Join, rooms.Target.Node!.Value));
        Assert.Equal([["a"], ["b"], ["c"]], new[] { rooms.Target.Rooms, rooms.Target.Except, rooms.Rooms });
        var kick = Read(Written(new KickRecord("/", new SessionTarget([], []), Close: true).Write), KickRecord.Read);
        Assert.Equal((true, (ulong?)null), (kick.Close, kick.Target.Node));

        var packet = new EncodedPacket("2[\"e\",\"12345678.0123456789\"]"u8.ToArray(), [new byte[] { 1 }]) { OffsetStart = 6, Compress = false };
        var read = Read(Written(new EventRecord("/", ["a"], ["b"], packet, packet).Write), EventRecord.Read);
        Assert.Equal(packet.Text.ToArray(), read.Packet.Text.ToArray());
        Assert.Equal((6, false), (read.Packet.OffsetStart, read.Packet.Compress));
        Assert.Equal(packet.Attachments[0].ToArray(), read.Bare!.Attachments[0].ToArray());
    }

    [Fact]
    public void What_ends_too_early_is_no_record()
    {
        Refused(Written(Claim.Write), ClaimRecord.Read);
        Refused(Written(Session.Write), SessionRecord.Read);
        Refused(Written(new RoomsRecord("/", new SessionTarget(["a"], ["b"], 1), ["c"], Join: true).Write), RoomsRecord.Read);
        Refused(Written(new EndRecord("/", "id", 3).Write), EndRecord.Read);
    }

    [Fact]
    public void A_number_that_announces_more_than_there_is_takes_no_memory() =>
        Assert.Throws<InvalidDataException>(() => Read([0x01, 0x2F, 0xFF, 0xFF, 0xFF, 0xFF, 0x07], RoomsRecord.Read));

    private delegate T Reading<T>(ref RecordReader reader);

    private static byte[] Written(Action<RecordWriter> write)
    {
        var record = new RecordWriter();
        write(record);
        return record.Written.ToArray();
    }

    private static T Read<T>(byte[] bytes, Reading<T> read)
    {
        var reader = new RecordReader(bytes);
        var record = read(ref reader);
        Assert.True(reader.IsAtEnd);
        return record;
    }

    private static void Refused<T>(byte[] bytes, Reading<T> read)
    {
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<InvalidDataException>(() => Read(bytes[..length], read));
    }
}

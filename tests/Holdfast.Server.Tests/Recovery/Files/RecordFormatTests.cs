using System.Text;
using Holdfast.Recovery;
using Holdfast.Recovery.Files;

namespace Holdfast.Server.Tests.Recovery.Files;

public class RecordFormatTests
{
    private static readonly RecordFormat Format = new(0x11223344, 0xCAFEF00D);

    [Fact]
    public void The_checksum_is_crc_32c()
    {
        Assert.Equal(0xE3069283, ~RecordFormat.Crc(uint.MaxValue, "123456789"u8));
        Assert.Equal(0x8A9136AA, ~RecordFormat.Crc(uint.MaxValue, new byte[32]));
    }

    [Fact]
    public void A_record_is_written_as_documented()
    {
        var bytes = new byte[45];
        Format.Write(bytes, (LogRecordKind)0x1F, 0x0102030405060708, 0x1112131415161718, 0x2122232425262728, "hello"u8);
        byte[] body =
        [
            5, 0, 0, 0,
            0x1F, 0, 0, 0,
            8, 7, 6, 5, 4, 3, 2, 1,
            0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11,
            0x28, 0x27, 0x26, 0x25, 0x24, 0x23, 0x22, 0x21,
            .. "hello"u8,
        ];
        Assert.Equal([0x44, 0x33, 0x22, 0x11, .. BitConverter.GetBytes(~RecordFormat.Crc(0xCAFEF00D, body)), .. body], bytes);
        Assert.Equal("44332211E071B8F5", Convert.ToHexString(bytes[..8]));

        Assert.Equal(RecordState.Valid, Format.Examine([.. bytes, 1, 2, 3], 5, out var size));
        Assert.Equal(45, size);
        var record = RecordFormat.Read(bytes, 1000);
        Assert.Equal((1000, 0x0102030405060708u, 0x1112131415161718, 0x2122232425262728, (LogRecordKind)0x1F), (record.Position, record.Node, record.Counter, record.TimeTicks, record.Kind));
        Assert.Equal("hello", Encoding.UTF8.GetString(record.Payload.Span));
    }

    [Fact]
    public void What_is_not_all_there_may_become_a_record_and_what_is_wrong_never_will()
    {
        var bytes = new byte[45];
        Format.Write(bytes, FolderRig.Event, 1, 1, 1, "hello"u8);
        for (var length = 0; length < bytes.Length; length++)
            Assert.Equal(RecordState.Incomplete, Format.Examine(bytes.AsSpan(0, length), 5, out _));
        Assert.Equal(RecordState.Broken, Format.Examine(bytes, 4, out _));
        Assert.Equal(RecordState.Broken, (Format with { Magic = 1 }).Examine(bytes, 5, out _));
        Assert.Equal(RecordState.Broken, (Format with { Seed = 1 }).Examine(bytes, 5, out _));
        for (var at = 0; at < bytes.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                bytes[at] ^= (byte)(1 << bit);
                Assert.NotEqual(RecordState.Valid, Format.Examine(bytes, 5, out _));
                bytes[at] ^= (byte)(1 << bit);
            }
        }
    }

    [Fact]
    public void A_header_is_written_as_documented()
    {
        var life = new LogLife(new EpochStart("abcdEFG_", 0x0102030405060708, 0x1112131415161718, TailMayBeLost: true), new UInt128(0x2122232425262728, 0x3132333435363738), AllSynced: true);
        var bytes = new SegmentHeader(0x4142434445464748, 0x5152535455565758, Format, life, "chät").Write();
        Assert.Equal(256, bytes.Length);
        byte[] expected =
        [
            .. "HOLDFAST"u8,
            1, 0, 0, 0,
            0, 0, 0, 0,
            0x48, 0x47, 0x46, 0x45, 0x44, 0x43, 0x42, 0x41,
            0x58, 0x57, 0x56, 0x55, 0x54, 0x53, 0x52, 0x51,
            0x44, 0x33, 0x22, 0x11, 0x0D, 0xF0, 0xFE, 0xCA,
            .. "abcdEFG_"u8,
            8, 7, 6, 5, 4, 3, 2, 1,
            0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11,
            0x38, 0x37, 0x36, 0x35, 0x34, 0x33, 0x32, 0x31, 0x28, 0x27, 0x26, 0x25, 0x24, 0x23, 0x22, 0x21,
            7, 0, 0, 0, 0, 0, 0, 0,
            5, .. "chät"u8,
            .. new byte[256 - 94],
        ];
        BitConverter.GetBytes(~RecordFormat.Crc(uint.MaxValue, expected)).CopyTo(expected, 12);
        Assert.Equal(expected, bytes);
        Assert.Equal(new SegmentHeader(0x4142434445464748, 0x5152535455565758, Format, life, "chät"), SegmentHeader.Read(bytes, 0x4142434445464748, "chät", "f"));
    }

    [Fact]
    public void A_header_with_one_wrong_bit_or_one_missing_byte_is_refused()
    {
        var bytes = new SegmentHeader(7, 8, Format, default, "chat").Write();
        for (var at = 0; at < bytes.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                bytes[at] ^= (byte)(1 << bit);
                Assert.Throws<RecoveryUnavailableException>(() => SegmentHeader.Read(bytes, 7, "chat", "f"));
                bytes[at] ^= (byte)(1 << bit);
            }
            Assert.Throws<RecoveryUnavailableException>(() => SegmentHeader.Read(bytes.AsSpan(0, at), 7, "chat", "f"));
        }
        Assert.Throws<RecoveryUnavailableException>(() => SegmentHeader.Read(bytes, 6, "chat", "f"));
        Assert.Equal("chat", SegmentHeader.Read(bytes, 7, "chat", "f").ApplicationName);
    }

    [Fact]
    public void Records_of_a_life_that_have_another_form_change_nothing()
    {
        var life = new LogLife(new EpochStart("abcdefgh", 5, 4, false), 9, true);
        Assert.Equal(life, life.AfterEpoch([1, 2, 3], 10, 10));
        Assert.Equal(life, life.AfterEpoch(new byte[17], 10, 10)); // no name
        Assert.Equal(life, life.AfterNodeStart([1]));
        Assert.Equal(new EpochStart("ABCDEFGH", 20, 15, true), life.AfterEpoch(LogLife.WriteEpoch("ABCDEFGH", 15, true), 20, 3).Epoch);
        Assert.Equal(new EpochStart("ABCDEFGH", 20, 18, false), life.AfterEpoch(LogLife.WriteEpoch("ABCDEFGH", 15, false), 20, 18).Epoch);
    }

    [Theory]
    [InlineData(true, FileSyncMode.Always, true, true)]
    [InlineData(true, FileSyncMode.Always, false, true)]
    [InlineData(false, FileSyncMode.Always, false, false)]
    [InlineData(false, FileSyncMode.Always, true, true)]
    [InlineData(true, FileSyncMode.Interval, false, false)]
    [InlineData(true, FileSyncMode.Never, true, false)]
    internal void All_is_synced_as_long_as_every_node_does_so_and_again_when_one_that_is_alone_has(bool before, FileSyncMode sync, bool allSynced, bool after) =>
        Assert.Equal(new LogLife(null, 3, after), new LogLife(null, 2, before).AfterNodeStart(LogLife.WriteNodeStart(3, sync, allSynced)));
}

using System.Text;
using Holdfast.Recovery.Files;

namespace Holdfast.Server.Tests.Recovery.Files;

/// <summary>What is read out of a file that is not as it was written.</summary>
public sealed class SegmentReaderTests : IDisposable
{
    private const int MaxPayload = 2 * 1024 * 1024;

    private static readonly RecordFormat Format = new(0x5EC0DE01, 0xCAFEF00D);

    private readonly string _path = Path.GetTempFileName();
    private readonly List<Segment> _open = [];

    public void Dispose()
    {
        foreach (var segment in _open)
            segment.Dispose();
        File.Delete(_path);
    }

    [Fact]
    public void What_is_cut_off_at_any_place_is_all_that_is_missing_and_what_comes_behind_it_is_read()
    {
        byte[][] records = [Record(1), Record(2, 10), Record(3, 0), Record(4, 33), Record(5)];
        byte[] all = [.. records.SelectMany(bytes => bytes)];
        for (var length = 0; length <= all.Length; length++)
        {
            List<long> complete = [];
            for (var (i, end) = (0, 0); i < records.Length && (end += records[i].Length) <= length; i++)
                complete.Add(i + 1);
            var reader = Open(all[..length]);
            Assert.Equal(complete, ReadAll(reader));
            Assert.Equal(length > complete.Sum(i => records[i - 1].Length), reader.HasRest);

            Append([.. Record(8), .. Record(9)]);
            Assert.Equal([8L, 9L], ReadAll(reader));
            Assert.False(reader.HasRest);
            Assert.Equal([.. complete, 8, 9], ReadAll(Open()));
        }
    }

    [Fact]
    public void One_wrong_bit_anywhere_costs_one_record_at_most_and_none_comes_out_wrong()
    {
        byte[] all = [.. Enumerable.Range(1, 8).SelectMany(i => Record(i, i * 3))];
        for (var at = 0; at < all.Length; at++)
        {
            var bytes = all.ToArray();
            bytes[at] ^= (byte)(1 << (at % 8));
            var read = ReadAll(Open(bytes)); // throws for a payload that is not that record's
            Assert.Equal(7, read.Count);
            Assert.Equal(read.Order(), read);
            Assert.Equal([.. read, 9], ReadAll(Open([.. bytes, .. Record(9)])));
        }
    }

    [Fact]
    public void A_torn_record_in_the_middle_is_passed_over_whatever_length_it_has_announced()
    {
        foreach (var announced in (int[])[0, 1, 100, 100_000, MaxPayload])
        {
            var torn = new byte[RecordFormat.HeadSize + announced];
            Format.Write(torn, FolderRig.Event, 1, 1, 1, new byte[announced]);
            foreach (var there in (int[])[1, 4, 8, 12, 39, 40, 45])
            {
                var half = torn[..Math.Min(there, torn.Length - 1)];
                Assert.Equal([1L, 2L, 3L], ReadAll(Open([.. Record(1), .. half, .. Record(2), .. half, .. half, .. Record(3), .. half])));
            }
        }
    }

    [Fact]
    public void Zeros_that_a_crash_of_the_machine_has_left_are_passed_over()
    {
        foreach (var count in (int[])[1, 39, 40, 41, 4096, 1024 * 1024, (3 * 1024 * 1024) + 17])
            Assert.Equal([1L, 2L], ReadAll(Open([.. Record(1), .. new byte[count], .. Record(2)])));
    }

    [Fact]
    public void A_record_of_another_segment_that_stands_in_a_payload_is_never_taken_for_one()
    {
        var foreign = new byte[RecordFormat.HeadSize + 8];
        new RecordFormat(Format.Magic, 1).Write(foreign, FolderRig.Event, 1, 66, 1, BitConverter.GetBytes(66L));
        var carrier = Record(1, payload: foreign);
        Assert.Equal([2L], ReadAll(Open([.. carrier[..^1], .. Record(2)])));
        Assert.Equal([2L], ReadAll(Open([.. carrier[..^1], .. carrier[..^2], .. Record(2)])));
    }

    [Fact]
    public void Records_that_are_larger_than_the_buffer_are_read_and_small_ones_behind_them()
    {
        byte[] all = [.. Record(1), .. Record(2, MaxPayload), .. Record(3), .. Record(4, 1024 * 1024), .. Record(5, (1024 * 1024) - 41), .. Record(6)];
        Assert.Equal([1L, 2L, 3L, 4L, 5L, 6L], ReadAll(Open(all)));
    }

    [Fact]
    public void Many_records_are_read_across_the_ends_of_the_buffer()
    {
        var reader = Open([.. Enumerable.Range(1, 30_000).SelectMany(i => Record(i, i % 300))]);
        Assert.Equal(Enumerable.Range(1, 30_000).Select(i => (long)i), ReadAll(reader));
        Assert.Equal(_open[^1].Position + _open[^1].Length, reader.Position);
    }

    [Fact]
    public void Reading_a_record_allocates_nothing()
    {
        var reader = Open([.. Enumerable.Range(1, 10_000).SelectMany(i => Record(i))]);
        var count = Count(reader); // whatever is made at the first call is made now
        Append([.. Enumerable.Range(1, 10_000).SelectMany(i => Record(i))]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        count += Count(reader);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
        Assert.Equal(20_000, count);

        static int Count(SegmentReader reader)
        {
            var count = 0;
            do
            {
                reader.Fill();
                for (; reader.TryRead(out var bytes); count++)
                    Assert.False(RecordFormat.Read(bytes, reader.Position).Payload.IsEmpty);
            }
            while (!reader.IsAtEnd);
            return count;
        }
    }

    [Fact]
    public void What_grows_byte_by_byte_is_read_as_soon_as_it_is_complete()
    {
        var reader = Open([]);
        foreach (var i in (long[])[1, 2, 3])
        {
            var bytes = Record(i, 20);
            for (var at = 0; at < bytes.Length - 1; at++)
            {
                Append(bytes[at..(at + 1)]);
                Assert.Empty(ReadAll(reader));
            }
            Append(bytes[^1..]);
            Assert.Equal([i], ReadAll(reader));
        }
    }

    [Fact]
    public void What_looks_torn_is_read_once_more_before_it_is_given_up()
    {
        // As when a write shows in another order than it was made.
        var reader = Open([.. Record(1), .. new byte[Record(2).Length], .. Record(3)]);
        reader.Fill();
        Assert.True(reader.TryRead(out _));
        Assert.False(reader.TryRead(out _));
        using (var file = File.OpenHandle(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            RandomAccess.Write(file, Record(2), SegmentHeader.Size + Record(1).Length);
        Assert.Equal([2L, 3L], ReadAll(reader));
    }

    private static byte[] Record(long number, int extra = 5, byte[]? payload = null)
    {
        payload ??= [.. BitConverter.GetBytes(number), .. Enumerable.Range(0, extra).Select(i => (byte)(number + i))];
        var bytes = new byte[RecordFormat.HeadSize + payload.Length];
        Format.Write(bytes, FolderRig.Event, 1, number, 1, payload);
        return bytes;
    }

    private void Append(byte[] bytes) => Assert.Equal(bytes.Length, Libc.Append(_open[^1].File, bytes));

    private SegmentReader Open(byte[] records)
    {
        File.WriteAllBytes(_path, [.. new SegmentHeader(1, 1, Format, default, "test").Write(), .. records]);
        return Open();
    }

    private SegmentReader Open()
    {
        var segment = Segment.Open(_path, 1, "test")!;
        _open.Add(segment);
        var reader = new SegmentReader(MaxPayload + 8);
        reader.Open(segment);
        return reader;
    }

    private static List<long> ReadAll(SegmentReader reader)
    {
        List<long> numbers = [];
        do
        {
            reader.Fill();
            while (reader.TryRead(out var bytes))
            {
                var record = RecordFormat.Read(bytes, reader.Position);
                var payload = record.Payload.Span;
                Assert.Equal(record.Counter, BitConverter.ToInt64(payload));
                for (var i = 8; i < payload.Length; i++)
                {
                    if (payload[i] != (byte)(record.Counter + i - 8))
                        Assert.Fail(Encoding.Latin1.GetString(payload));
                }
                numbers.Add(record.Counter);
            }
        }
        while (!reader.IsAtEnd);
        return numbers;
    }
}

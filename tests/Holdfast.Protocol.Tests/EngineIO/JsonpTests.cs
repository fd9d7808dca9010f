using System.Buffers;
using System.Text.Json;

namespace Holdfast.Protocol.Tests.EngineIO;

public sealed class JsonpTests
{
    [Theory]
    [InlineData("0", true)]
    [InlineData("0123456789", true)]
    [InlineData("01234567890", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("1]", false)]
    [InlineData("alert", false)]
    [InlineData("١", false)]
    public void Only_digits_name_a_function(string? name, bool isFunction) => Assert.Equal(isFunction, Jsonp.IsFunction(name));

    [Theory]
    [InlineData("", "")]
    [InlineData("4hello", "4hello")]
    [InlineData("0{\"sid\":\"a\"}", "0{\\\"sid\\\":\\\"a\\\"}")]
    [InlineData("4\\n", "4\\\\n")]
    [InlineData("4\b\t\n\f\r\u0001\u001e\u001f\u007f", "4\\b\\t\\n\\f\\r\\u0001\\u001e\\u001f\u007f")]
    [InlineData("4\u2028x\u2029", "4\\u2028x\\u2029")]
    [InlineData("4\u2027\u202a€é😀", "4\u2027\u202a€é😀")]
    [InlineData("4</script>", "4</script>")]
    public void A_payload_becomes_a_call_with_one_string(string payload, string literal)
    {
        var output = new ArrayBufferWriter<byte>();

        Jsonp.WriteScript("12", Wire.Bytes(payload), output);

        var script = Wire.Text(output.WrittenMemory);
        Assert.Equal($"___eio[12](\"{literal}\");", script);
        Assert.Equal(payload, JsonSerializer.Deserialize<string>(script["___eio[12](".Length..^2]));
    }

    [Theory]
    [InlineData("d=2%3A4a", "2:4a")]
    [InlineData("d=2:4a&x=1", "2:4a")]
    [InlineData("x=1&d=2%3a4a&d=other", "2:4a")]
    [InlineData("d=4+a%2Bb", "4 a+b")]
    [InlineData("d=4%C3%A9", "4é")]
    [InlineData("d=", "")]
    [InlineData("d=4a%5Cnb", "4a\nb")]
    [InlineData("d=4a%5C%5Cnb", "4a\\nb")]
    [InlineData("d=4a%5C%5C%5Cnb", "4a\\\\nb")]
    [InlineData("d=%5C%22%5C%5C%22", "\\\"\\\\\"")]
    [InlineData("d=%5C", "\\")]
    public void The_field_of_a_form_becomes_the_payload(string form, string payload) =>
        Assert.Equal(payload, Wire.Text(Jsonp.ReadForm(Wire.Bytes(form))));

    [Theory]
    [InlineData("")]
    [InlineData("2:4a")]
    [InlineData("e=2:4a")]
    [InlineData("dd=2:4a")]
    [InlineData("d")]
    [InlineData("d=4%")]
    [InlineData("d=4%4")]
    [InlineData("d=4%4&x")]
    [InlineData("d=4%G1")]
    public void A_form_without_the_field_or_wrongly_encoded_is_refused(string form) =>
        Assert.Throws<ProtocolException>(() => Jsonp.ReadForm(Wire.Bytes(form)));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Damaged_forms_end_in_a_protocol_exception_or_are_payloads(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 20_000; round++)
        {
            var form = Wire.Bytes("x=1&d=2%3A4%5C%5Cn%C3%A9+&y");
            for (var times = random.Next(1, 4); times > 0; times--)
            {
                form[random.Next(form.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : "%&=\\nd+"u8[random.Next(7)];
            }

            try
            {
                Assert.True(Jsonp.ReadForm(form.AsMemory(0, random.Next(form.Length + 1))).Length <= form.Length);
            }
            catch (ProtocolException)
            {
                // What a broken form is for.
            }
        }
    }
}

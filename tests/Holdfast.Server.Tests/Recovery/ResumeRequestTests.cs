using System.Text;
using Holdfast.Recovery;

namespace Holdfast.Server.Tests.Recovery;

// What a CONNECT says about a former session, and what of it the application still sees.
public class ResumeRequestTests
{
    private const string Pid = "AAAAAAAAAAAAAAAAAAAAAAAA";
    private static readonly OffsetCodec Offsets = new();
    private static readonly string Ours = LogRig.Text(Offsets, 5);

    [Theory]
    [InlineData("", null, null, "null")]
    [InlineData("{}", null, null, "{}")]
    [InlineData("""{"token":"t"}""", null, null, """{"token":"t"}""")]
    [InlineData("""{"pid":"PID"}""", "PID", null, "null")]
    [InlineData("""{"pid":"PID","offset":"OURS"}""", "PID", "OURS", "null")]
    [InlineData("""{"pid":"PID","offset":null}""", "PID", null, """{"offset":null}""")]
    [InlineData("""{"token":"t","pid":"PID","offset":"OURS","n":[1,{"a":2}]}""", "PID", "OURS", """{"token":"t","n":[1,{"a":2}]}""")]
    [InlineData("""{"pid":"PID","pid":"BAAAAAAAAAAAAAAAAAAAAAAA"}""", "BAAAAAAAAAAAAAAAAAAAAAAA", null, "null")]
    public void W35_ours_is_taken_out_and_the_rest_stays_as_it_was(string auth, string? pid, string? offset, string rest) => Check(auth, pid, offset, rest);

    [Theory]
    [InlineData("""{"pid":"PID","offset":"mine"}""", "PID", "mine", """{"offset":"mine"}""")]
    [InlineData("""{"pid":"PID","offset":7}""", "PID", "", """{"offset":7}""")]
    [InlineData("""{"pid":"PID","offset":{"a":1}}""", "PID", "", """{"offset":{"a":1}}""")]
    [InlineData("""{"pid":"PID","offset":[]}""", "PID", "", """{"offset":[]}""")]
    [InlineData("""{"offset":"mine"}""", null, null, """{"offset":"mine"}""")]
    [InlineData("""{"pid":"mine","offset":"OURS"}""", "mine", "OURS", """{"pid":"mine"}""")]
    [InlineData("""{"pid":"mine","offset":3}""", "mine", "", """{"pid":"mine","offset":3}""")]
    [InlineData("""{"pid":17,"offset":"mine"}""", null, null, """{"pid":17,"offset":"mine"}""")]
    [InlineData("""{"pid":null}""", null, null, """{"pid":null}""")]
    [InlineData("""{"pid":{"$":"PID"}}""", null, null, """{"pid":{"$":"PID"}}""")]
    [InlineData("""{"PID_":"x","Pid":"PID"}""", null, null, """{"PID_":"x","Pid":"PID"}""")]
    public void W5_keys_of_the_application_with_these_names_stay_its_own(string auth, string? pid, string? offset, string rest) => Check(auth, pid, offset, rest);

    [Theory]
    [InlineData("""["PID","OURS"]""")]
    [InlineData("\"PID\"")]
    [InlineData("5")]
    [InlineData("true")]
    [InlineData("null")]
    public void What_is_no_object_asks_for_nothing_and_passes_through(string auth) => Check(auth, null, null, auth);

    private static void Check(string auth, string? pid, string? offset, string rest)
    {
        var argument = auth.Length == 0 ? default : new EventArgument(LogRig.Parser, Encoding.UTF8.GetBytes(Fill(auth)!), []);
        var request = ResumeRequest.Read(argument, LogRig.Parser, Offsets, 42, out var left);
        Assert.Equal(new ResumeRequest(Fill(pid), Fill(offset), 42), request);
        Assert.Equal(Fill(rest), left.ToString());
    }

    private static string? Fill(string? text) => text?.Replace("\"PID\"", $"\"{Pid}\"", StringComparison.Ordinal).Replace("OURS", Ours, StringComparison.Ordinal) switch
    {
        "PID" => Pid,
        var filled => filled,
    };
}

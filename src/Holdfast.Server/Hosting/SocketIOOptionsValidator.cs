using Microsoft.Extensions.Options;

namespace Holdfast.Hosting;

internal sealed class SocketIOOptionsValidator : IValidateOptions<SocketIOOptions>
{
    public ValidateOptionsResult Validate(string? name, SocketIOOptions options)
    {
        var failures = new List<string>();
        try
        {
            options.Validate();
        }
        catch (ArgumentException invalid)
        {
            failures.Add(invalid.Message);
        }
        if (options.ConnectTimeout <= TimeSpan.Zero)
            failures.Add($"{nameof(options.ConnectTimeout)} must be positive.");
        if (options.MaxChildNamespaces < 0)
            failures.Add($"{nameof(options.MaxChildNamespaces)} can't be negative.");
        if (options.MaxAttachments < 1)
            failures.Add($"{nameof(options.MaxAttachments)} must be at least 1.");
        if (options.Parser is { } parser)
            failures.AddRange(FaultsOf(parser, options));
        if (options.InboxLimit <= 0)
            failures.Add($"{nameof(options.InboxLimit)} must be positive.");
        if (options.AckTimeout < TimeSpan.Zero && options.AckTimeout != Timeout.InfiniteTimeSpan)
            failures.Add($"{nameof(options.AckTimeout)} can't be negative.");
        if (options.ConnectionStateRecovery is { } recovery)
        {
            failures.AddRange(recovery.Faults());
            if (options.SlowConsumerPolicy == SlowConsumerPolicy.Drop)
                failures.Add($"{nameof(options.SlowConsumerPolicy)} can't be {nameof(SlowConsumerPolicy.Drop)} with {nameof(options.ConnectionStateRecovery)}, which promises that nothing is lost.");
        }
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures.Select(failure => "SocketIOOptions: " + failure));
    }

    /// <summary>An option of one parser does nothing with another, and nobody would notice.</summary>
    private static IEnumerable<string> FaultsOf(PacketParser parser, SocketIOOptions options)
    {
        if (options.JsonSerializerOptions is not null)
            yield return $"{nameof(options.JsonSerializerOptions)} belongs to the default parser. With {nameof(options.Parser)}, give it to the parser's constructor.";
        if (options.MaxAttachments != new SocketIOOptions().MaxAttachments)
            yield return $"{nameof(options.MaxAttachments)} belongs to the default parser and can't be set together with {nameof(options.Parser)}.";
        if (options.ConnectionStateRecovery is not null && !parser.CarriesOffsets)
            yield return $"{nameof(options.ConnectionStateRecovery)} needs a parser that carries offsets, and {parser.GetType().Name} does not ({nameof(parser.CarriesOffsets)}).";
    }
}

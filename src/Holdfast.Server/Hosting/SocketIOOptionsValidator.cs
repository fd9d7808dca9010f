using Microsoft.Extensions.Options;

namespace Holdfast.Hosting;

internal sealed class SocketIOOptionsValidator : IValidateOptions<SocketIOOptions>
{
    /// <summary>Timers count milliseconds in 32 bits.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    public ValidateOptionsResult Validate(string? name, SocketIOOptions options)
    {
        List<string> failures = [.. options.Faults()];
        if (options.ConnectTimeout < TimeSpan.FromMilliseconds(1) || options.ConnectTimeout > Longest)
            failures.Add($"{nameof(options.ConnectTimeout)} is {options.ConnectTimeout}: it must be between 1 millisecond and 24 days.");
        if (options.MaxChildNamespaces < 0)
            failures.Add($"{nameof(options.MaxChildNamespaces)} is {options.MaxChildNamespaces}: it must be at least 0.");
        if (options.MaxAttachments < 1)
            failures.Add($"{nameof(options.MaxAttachments)} is {options.MaxAttachments}: it must be at least 1.");
        if (options.Parser is { } parser)
            failures.AddRange(FaultsOf(parser, options));
        if (options.InboxLimit < 1)
            failures.Add($"{nameof(options.InboxLimit)} is {options.InboxLimit}: it must be at least 1 byte.");
        if (options.AckTimeout is { } ack && !AckTimeouts.IsValid(ack))
            failures.Add($"{nameof(options.AckTimeout)} is {ack}: it must be between 0 and 24 days, or Timeout.InfiniteTimeSpan.");
        if (!Enum.IsDefined(options.SlowConsumerPolicy))
            failures.Add($"{nameof(options.SlowConsumerPolicy)} is {options.SlowConsumerPolicy}: it must be {nameof(SlowConsumerPolicy.Disconnect)} or {nameof(SlowConsumerPolicy.Drop)}.");
        if (options.ConnectionStateRecovery is { } recovery)
        {
            failures.AddRange(recovery.Faults());
            if (options.SlowConsumerPolicy == SlowConsumerPolicy.Drop)
                failures.Add($"{nameof(options.SlowConsumerPolicy)} must not be {nameof(SlowConsumerPolicy.Drop)} with {nameof(options.ConnectionStateRecovery)}, which promises that nothing is lost.");
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

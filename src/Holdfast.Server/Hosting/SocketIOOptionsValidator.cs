using Microsoft.Extensions.Options;

namespace Holdfast.Hosting;

internal sealed class SocketIOOptionsValidator : IValidateOptions<SocketIOOptions>
{
    /// <summary>Timers count milliseconds in 32 bits.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

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
        if (options.ConnectTimeout < TimeSpan.FromMilliseconds(1) || options.ConnectTimeout > Longest)
            failures.Add($"{nameof(options.ConnectTimeout)} is {options.ConnectTimeout}: it must be between 1 millisecond and 24 days.");
        if (options.MaxAttachments < 0)
            failures.Add($"{nameof(options.MaxAttachments)} is {options.MaxAttachments}: it must be at least 0.");
        if (options.InboxLimit < 1)
            failures.Add($"{nameof(options.InboxLimit)} is {options.InboxLimit}: it must be at least 1 byte.");
        if (options.AckTimeout is { } ack && ack != Timeout.InfiniteTimeSpan && (ack < TimeSpan.Zero || ack > Longest))
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
}

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
        if (options.MaxAttachments < 0)
            failures.Add($"{nameof(options.MaxAttachments)} can't be negative.");
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
}

using Microsoft.Extensions.Options;

namespace Holdfast.Hosting;

internal sealed class FileRecoveryOptionsValidator(IOptions<SocketIOOptions> server) : IValidateOptions<FileRecoveryOptions>
{
    public ValidateOptionsResult Validate(string? name, FileRecoveryOptions options)
    {
        string[] failures = [.. options.Faults(ShortestWindow())];
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures.Select(failure => "FileRecoveryOptions: " + failure));
    }

    private TimeSpan? ShortestWindow()
    {
        try
        {
            return FileRecoveryOptions.ShortestWindow(server.Value);
        }
        catch (OptionsValidationException)
        {
            return null; // which is said by itself
        }
    }
}

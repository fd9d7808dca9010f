using Holdfast.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Holdfast.Engine;

/// <summary>What the engine takes from the application.</summary>
internal sealed record EngineServices(TimeProvider Time, ILogger Logger, EngineMeter Meter);

namespace Holdfast.Server.Tests.Recovery;

/// <summary>Tests that keep all cores busy run alone, one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public class LoadTests
{
    public const string Name = "load";
}

using Holdfast.Load.Wire;

namespace Holdfast.Load.Scenarios;

/// <summary>A client that belongs to a stage: it tells when it is ready, and its loss is a fault.</summary>
internal abstract class Member(Stage stage) : Client(stage.Target.Dialect), IMember
{
    public Action? Opened { get; set; }

    protected Stage Stage => stage;

    public override void Ready() => Done();

    public override void Lost(string why) => stage.Verdict.Fault("lost connections", why);

    protected void Done()
    {
        var opened = Opened;
        Opened = null;
        opened?.Invoke();
    }
}

/// <summary>A connection that says when it is ready.</summary>
internal interface IMember
{
    Action? Opened { get; set; }
}

using Holdfast.Load.Servers;

namespace Holdfast.Load.Scenarios;

/// <summary>A row of the table.</summary>
internal abstract class Scenario(string name, string title, int cores)
{
    /// <summary>As it is called on the command line.</summary>
    public string Name => name;

    public string Title => title;

    /// <summary>How many cores the server has.</summary>
    public int Cores => cores;

    /// <summary>Of the figure that counts.</summary>
    public virtual string Unit => "us";

    /// <summary>The row wants a server that nothing else was done to.</summary>
    public virtual bool NeedsFreshServer => false;

    /// <summary>The row is about connection state recovery.</summary>
    public virtual bool NeedsRecovery => false;

    public virtual bool Suits(Peer peer) => true;

    public abstract Result Run(Stage stage);

    /// <summary>Client number i of a scenario lives on this worker, modulo their number.</summary>
    protected static int Spread(int index) => index;
}

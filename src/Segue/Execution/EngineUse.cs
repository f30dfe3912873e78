using System.Runtime.CompilerServices;
using Segue.Engines;

namespace Segue.Execution;

/// <summary>
/// Lets one run at a time use an engine. A second run would share its sessions, and the server could not tell the two
/// apart: it would grant the lease to both, as it does to a run that repeats a request whose answer was lost.
/// </summary>
internal sealed class EngineUse
{
    private static readonly ConditionalWeakTable<IEngine, EngineUse> All = [];

    private int _runs;

    public static EngineUse Of(IEngine engine) => All.GetOrCreateValue(engine);

    /// <summary>False while another run uses the engine; otherwise it is used until <see cref="End"/>.</summary>
    public bool TryBegin() => Interlocked.CompareExchange(ref _runs, 1, 0) == 0;

    public void End() => Interlocked.Exchange(ref _runs, 0);
}

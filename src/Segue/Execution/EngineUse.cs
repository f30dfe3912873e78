using System.Runtime.CompilerServices;
using Segue.Engines;

namespace Segue.Execution;

/// <summary>
/// Whether a run uses an engine. Its sessions and its lease serve one run: to the lease, a second one would look like
/// the first, that asks again after a lost answer.
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

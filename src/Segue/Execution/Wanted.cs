using Segue.Planning;

namespace Segue.Execution;

/// <summary>What an apply is asked to do: with the plan that was shown, or not at all.</summary>
internal sealed class Wanted(PlannedChange shown, ApplyRequest request)
{
    /// <summary>The plan that was shown, or the one in stages that took its place.</summary>
    public PlannedChange Shown { get; private set; } = shown;

    public ApplyRequest Request => request;

    /// <summary>A run that enters its work again after a lost connection continues with the plan in stages.</summary>
    public void Stage(Plan plan) => Shown = Shown with { Plan = plan, Options = Shown.Options with { Staged = true } };
}

using Segue.Planning;

namespace Segue.Cli.Rendering;

/// <summary>The statements of a step that are run as they stand.</summary>
internal sealed class Statements : IStepVisitor<IReadOnlyList<string>>
{
    private static readonly Statements ByKind = new();

    private Statements() { }

    public static IReadOnlyList<string> Of(Step step) => step.Accept(ByKind);

    public IReadOnlyList<string> Ddl(DdlStep step) => [.. step.PatientLocks, .. step.Locks, .. step.Statements];

    public IReadOnlyList<string> Online(OnlineStep step) => [step.Statement];

    public IReadOnlyList<string> Backfill(BackfillStep step) => [];

    public IReadOnlyList<string> Verify(VerifyStep step) => [];

    public IReadOnlyList<string> Gate(GateStep step) => [];
}

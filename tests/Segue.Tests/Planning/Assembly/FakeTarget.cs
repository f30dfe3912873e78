using Segue.Changes;
using Segue.Cli.Tests;
using Segue.Engines;
using Segue.Planning;
using Segue.Planning.Assembly;

namespace Segue.Tests.Planning.Assembly;

/// <summary>Answers what a test has written down, and plans the steps it has written down.</summary>
internal sealed class FakeTarget : IPlanningTarget, IGroupVisitor<Task<IReadOnlyList<StagedStep>>>
{
    private PlanDraft? _draft;

    public Dictionary<Operation, Claim> Claims { get; } = [];

    public Dictionary<Operation, IReadOnlyList<StagedStep>> Steps { get; } = [];

    public FakeLedger Ledger { get; } = new();

    public Operation? Moves { get; init; }

    public IReadOnlyList<string> Lines { get; init; } = [];

    public Action<PlanDraft> Found { get; set; } = _ => { };

    public string Engine => "fake";

    public string Product => "Fake 1";

    public IReadOnlySet<ServerFeature> Features { get; init; } = Enum.GetValues<ServerFeature>().ToHashSet();

    public int MajorVersion => 1;

    public IReadOnlyList<string> SearchPath => [];

    public PlanOptions Options { get; init; } = new();

    public Limits Clamp(Limits wanted) =>
        wanted with
        {
            LockTimeoutMs = Math.Min(wanted.LockTimeoutMs, 500),
            PatientLockTimeoutMs = Math.Min(wanted.PatientLockTimeoutMs, 1500),
        };

    public Task<string?> IdentityAsync(TableName table) => Task.FromResult<string?>(table.Name);

    public Task<IReadOnlyList<string>> FingerprintAsync(IReadOnlyList<string> relations) => Task.FromResult(Lines);

    public Task<IReadOnlyDictionary<string, string>> PartitionsAsync(IReadOnlyList<string> relations) =>
        Task.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string>());

    public IReadOnlyList<StagedStep> Join(IReadOnlyList<StagedStep> steps) => steps;

    public Task<PlanOutcome> AssembleAsync(params Operation[] operations)
    {
        _draft = new PlanDraft(AssemblyTests.ChangeOf(operations), Options);
        return new PlanAssembly(_draft, this, Ledger, this).AssembleAsync(CancellationToken.None);
    }

    public async Task<Plan> PlanAsync(params Operation[] operations) =>
        (await AssembleAsync(operations)).ShouldBeOfType<PlanOutcome.Planned>().Plan;

    public Task<IReadOnlyList<StagedStep>> Visit(OperationGroup.Columns group) => PlanAsync(group);

    public Task<IReadOnlyList<StagedStep>> Visit(OperationGroup.Drops group) => PlanAsync(group);

    public Task<IReadOnlyList<StagedStep>> Visit(OperationGroup.Rows group) => PlanAsync(group);

    public Task<IReadOnlyList<StagedStep>> Visit(OperationGroup.Alone group) => PlanAsync(group);

    private Task<IReadOnlyList<StagedStep>> PlanAsync(OperationGroup group)
    {
        Found(_draft!);
        foreach (Operation operation in group.Operations)
        {
            if (Claims.TryGetValue(operation, out Claim? claim))
            {
                _draft!.Claim(claim, operation);
            }

            if (operation == Moves)
            {
                _draft!.Moves("public.orders", ["public.orders_2026"], operation);
            }
        }

        return Task.FromResult<IReadOnlyList<StagedStep>>([
            .. group.Operations.SelectMany(operation => Steps.GetValueOrDefault(operation) ?? []),
        ]);
    }
}

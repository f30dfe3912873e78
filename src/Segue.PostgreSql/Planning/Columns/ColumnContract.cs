using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Dependents;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// The end of a table's road. One transaction drops objects that only old code needed and makes the last alterations:
/// types, with all their dependents. Then constraints that this left unproven are proven, and statistics that the
/// server dropped are collected.
/// </summary>
internal sealed class ColumnContract(Table table, ColumnWork work, SyncTrigger? sync)
{
    private readonly Steps _steps = new(table);

    private readonly RetiredSessions? _retired = work.SessionsEnded is { Count: > 0 } applications
        ? new RetiredSessions(applications)
        : null;

    private IEnumerable<Alteration> Altered =>
        work.Alterations.Where(alteration => alteration.Stage == StageName.Contract);

    /// <summary>With the columns that each step is about; none for all.</summary>
    public IEnumerable<(IEnumerable<string> Columns, Step Step)> Steps()
    {
        if (sync?.Unsure.ToArray() is { Length: > 0 } unsure)
        {
            Proofs proofs = new(table);
            VerifyStep look = proofs.Step(
                "contract/look",
                $"check {table.Name} for rows that bypassed the sync trigger",
                [.. unsure.Select(proofs.IsInStep)],
                unsure
                    .SelectMany(column => column.Fill!.Reads)
                    .Distinct()
                    .Select(relation => Locks.On(relation, Locks.AccessShare))
            );
            yield return (unsure.Select(column => column.Name), look with { MayStay = true });
        }

        string[] statements = [.. Statements()];
        if (statements.Length > 0)
        {
            yield return (Contracted, Contract(statements));
        }

        foreach (PlannedConstraint check in work.Recreated.Unproven)
        {
            // If somebody dropped or renamed it meanwhile, there is nothing left to prove.
            OnlineStep prove = _steps.ValidateRows(
                $"contract/{check.Name}-validate",
                $"prove CHECK {check.Name} again",
                check
            );
            yield return (Retyped, prove with { Applied = Conditions.Query(Conditions.Not(check.IsUnproven)) });
        }

        if (_retired is not null)
        {
            yield return (Retyped, _retired.Rest(_steps));
        }

        if (Retyped.Any())
        {
            yield return (Retyped, _steps.Analyze("contract/analyze"));
        }
    }

    private IEnumerable<string> Retyped =>
        Altered.Where(alteration => alteration.Retypes is not null).Select(alteration => alteration.Column);

    private IEnumerable<string> Contracted =>
        [
            .. sync?.Columns.Select(column => column.Name) ?? [],
            .. work
                .Columns.Where(column => column.HasTemporaryDefault || column.TemporarySequence is not null)
                .Select(column => column.Name),
            .. Altered.Select(alteration => alteration.Column),
        ];

    private DdlStep Contract(IReadOnlyList<string> statements)
    {
        RecreatedDependents recreated = work.Recreated;
        DdlStep step = _steps.Exclusive(
            "contract",
            recreated.Titles.Count == 0 ? Title : $"{Title}, and recreate {string.Join(", ", recreated.Titles)}",
            statements
        );
        Obstacle[] obstacles =
        [
            .. Altered.Select(alteration => alteration.Obstacle).OfType<Obstacle>(),
            .. recreated.Obstacles,
        ];
        Partner[] partners =
        [
            .. Altered.SelectMany(alteration => alteration.Partners).DistinctBy(partner => partner.Lock.Relation),
        ];
        Partner[] lockable = [.. partners.Where(partner => partner.CanLock)];
        return step with
        {
            PatientLocks =
            [
                .. step.PatientLocks,
                .. lockable.Select(partner =>
                    Locks.Statement($"ONLY {partner.Lock.Relation}", Locks.ShareUpdateExclusive)
                ),
                .. recreated.Waits,
            ],
            Locks =
            [
                .. recreated.LockStatements,
                .. step.Locks,
                .. lockable.Select(partner => Locks.Statement($"ONLY {partner.Lock.Relation}", partner.Lock.Mode)),
            ],
            Impact = step.Impact with
            {
                Reversible = false,
                Locks = [.. step.Impact.Locks, .. partners.Select(partner => partner.Lock), .. recreated.Locks],
            },
            Obstacle = Conditions.Any(obstacles),
            WantsQuiet = sync is not null,
            Applied = Conditions.Query(
                Conditions.All([
                    .. sync is null ? Array.Empty<string>() : [sync.All.AreGone()],
                    .. work
                        .Columns.Where(column => column.HasTemporaryDefault)
                        .Select(column => Conditions.HasNoDefault(table.Sql, column.Name)),
                    .. work
                        .Columns.Where(column => column.TemporarySequence is not null)
                        .Select(column => Conditions.IsIdentity(table.Sql, column.Name)),
                    .. Altered.Select(alteration => alteration.IsDone),
                ])
            ),
        };
    }

    private string Title
    {
        get
        {
            string[] defaults =
            [
                .. work.Columns.Where(column => column.HasTemporaryDefault).Select(column => column.Name),
            ];
            return sync is not null ? $"drop the sync trigger on {table.Name}"
                : defaults.Length > 0 ? $"drop the temporary default of {string.Join(", ", defaults)} on {table.Name}"
                : string.Join(", ", Altered.Select(alteration => alteration.Title));
        }
    }

    private IEnumerable<string> Statements()
    {
        foreach (string statement in sync?.All.Drop() ?? [])
        {
            yield return statement;
        }

        foreach (NewColumn column in work.Columns.Where(column => column.HasTemporaryDefault))
        {
            yield return $"ALTER TABLE {table.Sql} ALTER COLUMN {column.Sql} DROP DEFAULT";
        }

        foreach (NewColumn column in work.Columns.Where(column => column.TemporarySequence is not null))
        {
            yield return $"ALTER TABLE {table.Sql} ALTER COLUMN {column.Sql} DROP DEFAULT, ALTER COLUMN {column.Sql} "
                + $"ADD {SequenceText.Identity(column.Change.Identity!)}";
            yield return $"SELECT setval(pg_get_serial_sequence({Sql.Literal(table.Sql)}, {Sql.Literal(column.Name)}), "
                + $"last_value, is_called) FROM {column.TemporarySequence}";
            yield return $"DROP SEQUENCE {column.TemporarySequence}";
        }

        foreach (
            string statement in work
                .Recreated.Drop.Concat(Altered.Select(alteration => alteration.Statement))
                .Concat(work.Recreated.Create)
        )
        {
            yield return statement;
        }

        if (_retired is not null)
        {
            yield return _retired.AtOnce;
        }
    }
}

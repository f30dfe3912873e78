using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Indexes;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns.Rename;

/// <summary>
/// The steps of <c>rename_column</c>: the mirror, its values and indexes, the gate, and one transaction in which the
/// mirror goes and the column gets its name.
/// </summary>
internal sealed class RenameColumnRoad(Mirror mirror, MirrorTriggers triggers, ObjectNames names)
{
    private readonly Steps _steps = new(mirror.Table);
    private readonly Proofs _proofs = new(mirror.Table);

    /// <summary>The mirror's indexes; they are dropped with it.</summary>
    public required IReadOnlyList<PlannedIndex> Indexes { get; init; }

    /// <summary>Statements that make the mirror like the column for its users.</summary>
    public required IReadOnlyList<string> Dress { get; init; }

    private string Table => mirror.Table.Sql;

    private string Old => mirror.Old.Name;

    private FillRoad Fill => new(mirror.Table, [mirror.Column], sync: null, reads: []) { Suffix = $"/{Old}" };

    private string Id(string stage) => $"{stage}/rename/{Old}";

    public IReadOnlyList<StagedStep> Plan() =>
        [
            new StagedStep(StageName.Expand, Expand()),
            .. Fill.Steps().Select(step => new StagedStep(StageName.Backfill, step)),
            new StagedStep(StageName.Verify, Compare("verify")),
            .. Indexes
                .Index()
                .SelectMany(each =>
                    new IndexRoad(mirror.Table, names, $"{Id("enforce")}/index{each.Index}", isUndone: false).Build(
                        each.Item
                    )
                )
                .Select(step => new StagedStep(StageName.Enforce, step)),
            new StagedStep(StageName.Switch, Gate()),
            new StagedStep(StageName.Contract, Compare("contract")),
            new StagedStep(StageName.Contract, Swap()),
        ];

    private DdlStep Expand() =>
        _steps.Exclusive(
            Id("expand"),
            $"add {mirror.NewName} to {mirror.Table.Name} and keep it equal to {Old}",
            [
                // First without a default: rows that are there already are filled.
                $"ALTER TABLE {Table} ADD COLUMN {mirror.Definition}",
                .. When(
                    mirror.Default,
                    value => $"ALTER TABLE {Table} ALTER COLUMN {mirror.NewSql} SET DEFAULT {Sql.Parenthesised(value)}"
                ),
                .. triggers.Create(),
                .. Dress,
            ]
        ) with
        {
            Applied = Conditions.Query(
                Conditions.All([Conditions.ColumnExists(Table, mirror.NewName, mirror.Old.Type), triggers.Own.Exist()])
            ),
            Undo = [DropMirror(), Orphans.Drop(mirror.Table, triggers.Own, triggers.Function, Id("expand"))],
        };

    private DdlStep DropMirror() =>
        _steps.Exclusive(
            $"{Id("expand")}/undo",
            $"drop {mirror.NewName} from {mirror.Table.Name}",
            [.. triggers.Own.Drop(), $"ALTER TABLE {Table} DROP COLUMN IF EXISTS {mirror.NewSql}"]
        ) with
        {
            Obstacle = Conditions.Any([_steps.Renamed([mirror.NewName]), BuiltOnMirror]),
            Applied = Conditions.Query(
                Conditions.Either(
                    Conditions.Not(Conditions.RelationExists(Table)),
                    Conditions.All([
                        Conditions.Not(Conditions.ColumnExists(Table, mirror.NewName)),
                        triggers.Own.AreGone(),
                    ])
                )
            ),
        };

    private VerifyStep Compare(string stage) =>
        _proofs.Step(
            $"{Id(stage)}/look",
            $"check that {mirror.NewName} equals {Old} in every row",
            [_proofs.AreEqual(mirror.NewName, Old) with { RepairedBy = stage == "verify" ? Fill.RepairedBy : null }],
            reads: []
        );

    private GateStep Gate() =>
        _steps.Gate(
            Id("switch"),
            $"wait until the app uses {mirror.NewName}",
            new GateCondition(GateEvidence.NewNameUsed, [$"{mirror.Table.Name}.{Old}"])
            {
                By = mirror.NewName,
                Relation = Table,
            }
        );

    private DdlStep Swap()
    {
        DdlStep swap = _steps.Exclusive(
            Id("contract"),
            $"drop the second column, and rename {Old} of {mirror.Table.Name} to {mirror.NewName}",
            [
                .. triggers.Own.Drop(),
                $"ALTER TABLE {Table} DROP COLUMN {mirror.NewSql}",
                $"ALTER TABLE {Table} RENAME COLUMN {mirror.OldSql} TO {mirror.NewSql}",
            ]
        );
        return swap with
        {
            Applied = Conditions.Query(
                Conditions.All([
                    Conditions.ColumnExists(Table, mirror.NewName),
                    Conditions.Not(Conditions.ColumnExists(Table, Old)),
                    triggers.Own.AreGone(),
                ])
            ),
            Obstacle = Conditions.Any([BuiltOnMirror, GivenToMirror]),
            WantsQuiet = true,
            Impact = swap.Impact with { Reversible = false },
        };
    }

    /// <summary>Nothing but our own objects may go with the mirror.</summary>
    private Obstacle BuiltOnMirror =>
        new(
            Conditions.Query(
                $"""
                EXISTS (SELECT FROM pg_catalog.pg_attribute a
                    JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass
                        AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
                    WHERE a.attrelid IN (SELECT to_regclass({Sql.Literal(Table)})::oid UNION SELECT relid
                        FROM pg_catalog.pg_partition_tree(to_regclass({Sql.Literal(Table)})))
                      AND a.attname = {Sql.Literal(mirror.NewName)} AND NOT a.attisdropped
                      AND {Conditions.ColumnExists(Table, Old)}
                      AND NOT (d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.deptype IN ('a', 'i'))
                      AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t
                        WHERE d.classid = 'pg_catalog.pg_trigger'::regclass AND t.oid = d.objid
                          AND t.tgname ~ '{ObjectNames.OwnTriggers}'){NoneOfOurIndexes()})
                """
            ),
            $"an index, a constraint or another object was created on {mirror.Table.Name}.{mirror.NewName}, which "
                + $"until the change is completed is a second column and then goes. Drop that object; what is created "
                + $"on {Old} stays, and gets the new name with the column"
        );

    /// <summary>Rights, or NOT NULL, that would go with the mirror.</summary>
    private Obstacle GivenToMirror =>
        new(
            Conditions.Query(
                $"""
                EXISTS (SELECT FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_attribute o USING (attrelid)
                    WHERE a.attrelid = to_regclass({Sql.Literal(Table)})
                      AND a.attname = {Sql.Literal(mirror.NewName)} AND NOT a.attisdropped
                      AND o.attname = {Sql.Literal(Old)} AND NOT o.attisdropped
                      AND (a.attnotnull AND NOT o.attnotnull OR EXISTS (
                        SELECT grantee, privilege_type FROM pg_catalog.aclexplode(a.attacl)
                        EXCEPT SELECT grantee, privilege_type FROM pg_catalog.aclexplode(o.attacl))))
                """
            ),
            $"{mirror.Table.Name}.{mirror.NewName} has a right or a NOT NULL that {Old} does not have, and would "
                + $"lose it, since the second column goes. Do the same for {Old}, or take it back"
        );

    private string NoneOfOurIndexes()
    {
        if (Indexes.Count == 0)
        {
            return "";
        }

        string ours = string.Join(", ", Indexes.Select(index => $"to_regclass({Sql.Literal(index.Sql)})::oid"));
        return $"""

                      AND NOT (d.classid = 'pg_catalog.pg_class'::regclass AND (d.objid IN ({ours}) OR EXISTS (
                          SELECT FROM unnest(ARRAY[{ours}]) AS root,
                              pg_catalog.pg_partition_ancestors(d.objid::regclass) AS above
                          WHERE above = root)))
            """;
    }
}

using Npgsql;
using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning;

/// <summary>Plans one change on one connection, inside the transaction that will be rolled back.</summary>
internal sealed class ChangePlanning(NpgsqlConnection connection, ServerFacts server, Change change, PlanOptions options)
    : IOperationVisitor<Task<IReadOnlyList<(StageName Stage, Step Step)>>>
{
    private readonly List<Problem> _invalid = [];
    private readonly List<Problem> _refused = [];
    private readonly List<Hazard> _hazards = [];
    private readonly HashSet<uint> _planned = [];
    private CancellationToken _cancel;

    public async Task<PlanOutcome> PlanAsync(CancellationToken cancel)
    {
        _cancel = cancel;
        List<(StageName Stage, Step Step)> steps = [];
        await CheckEncodingAsync(change.Name, "description", change.Description);
        foreach (Operation operation in change.Operations)
        {
            steps.AddRange(await operation.Accept(this));
        }

        if (_invalid.Count > 0)
        {
            return new PlanOutcome.Invalid(_invalid);
        }

        if (_refused.Count > 0)
        {
            return new PlanOutcome.Refused(_refused);
        }

        string[] locked = [.. steps.SelectMany(step => step.Step.Impact.Locks).Select(held => held.Relation).Distinct()];
        return new PlanOutcome.Planned(new Plan
        {
            Change = change.Name,
            ChangeHash = change.ContentHash,
            Engine = PostgresEngine.EngineName,
            ServerVersion = server.Major,
            Limits = LockLimits.Under(options.Limits, server.DeadlockTimeoutMs),
            SearchPath = server.SearchPath,
            Settings = server.Settings,
            Stages = [.. steps.GroupBy(step => step.Stage).OrderBy(stage => stage.Key).Select(stage => new Stage(stage.Key, [.. stage.Select(step => step.Step)]))],
            Hazards = _hazards,
            Fingerprint = await Fingerprint.OfAsync(connection, locked, cancel),
        });
    }

    /// <summary>Plans all new columns of the operation's table at its first one: one expand transaction and one backfill per table.</summary>
    public async Task<IReadOnlyList<(StageName Stage, Step Step)>> Visit(AddColumn operation)
    {
        string where = operation.Title;
        if (await FindAsync(operation.Table, where) is not { } table || !_planned.Add(table.Oid))
        {
            return [];
        }

        if (Refusals.OfTable(table, where) is { } refusal)
        {
            _refused.Add(refusal);
            return [];
        }

        List<AddColumn> siblings = [];
        foreach (AddColumn sibling in change.Operations.OfType<AddColumn>())
        {
            if (sibling.Table == operation.Table || (await CatalogReader.FindAsync(connection, sibling.Table, _cancel))?.Oid == table.Oid)
            {
                siblings.Add(sibling);
            }
        }

        return await PlanColumnsAsync(table, siblings);
    }

    private async Task<IReadOnlyList<(StageName Stage, Step Step)>> PlanColumnsAsync(Table table, IReadOnlyList<AddColumn> changes)
    {
        bool sharesUpdate = changes.Count(each => each.Backfill is not null || each.Derive is not null || each.Default is not null) > 1;
        Probe probe = new(connection, table, sharesUpdate);
        ObjectNames names = await ObjectNames.ForAsync(connection, table, _cancel);
        await probe.CreateCopyAsync(_cancel);
        bool isSmall = table.TotalSize.Bytes <= options.SmallTableBytes;
        foreach (IGrouping<string, AddColumn> twice in changes.GroupBy(each => each.Name).Where(same => same.Count() > 1))
        {
            _invalid.Add(new Problem(twice.First().Title, "the change adds this column twice.", "Remove one of them."));
            return [];
        }

        if (Refusals.OfColumnCount(table, changes.Count, changes[0].Title) is { } full)
        {
            _refused.Add(full);
            return [];
        }

        List<NewColumn> columns = [];
        Dictionary<string, EnforceTarget> targets = [];
        foreach (AddColumn each in changes)
        {
            await CheckEncodingAsync(each.Title, "comment", each.Comment);
            if (await ResolveAsync(probe, names, table, each, isSmall) is { } column)
            {
                columns.Add(column);
                (Table? parent, string? parentColumn) = await ParentAsync(probe, table, column);
                targets[column.Name] = new EnforceTarget(server, names, parent, parentColumn);
            }
        }

        await probe.DropCopyAsync(_cancel);
        _invalid.AddRange(probe.Problems);
        if (_invalid.Count > 0 || _refused.Count > 0)
        {
            return [];
        }

        _hazards.AddRange(await Hazards.OfAsync(connection, new HazardFacts(table, server.Role, FillsInBatches: !isSmall), columns, _cancel));
        bool changeOwner = server.IsSuperuser && table.Owner != server.Role;
        return [.. new AddColumnPlanner(table, columns, targets, new RoadFacts(change.Name, server.SearchPath, isSmall, changeOwner)).Plan()];
    }

    private async Task<NewColumn?> ResolveAsync(Probe probe, ObjectNames names, Table table, AddColumn each, bool isSmall)
    {
        string where = each.Title;
        if (await probe.ResolveAsync(each, names, _cancel) is not { } column)
        {
            return null;
        }

        if (each.Identity is not null && !isSmall)
        {
            column = column with { TemporarySequence = Sql.Name(table.Schema, $"segue_{ObjectNames.Mark(change.Name, $"{table.Sql}.{each.Name}")}_seq") };
            column = column with { Fill = Fill.Numbers(column.TemporarySequence) };
        }

        Rights rights = new(connection, table, server, _cancel);
        _refused.AddRange(await rights.ToCreateAsync(column, where));
        _refused.AddRange(column.Fill is null ? [] : [.. await rights.ToReadAsync(column, where), .. await rights.ToUsePartitionsAsync(where)]);

        IEnumerable<Problem?> refusals =
        [
            .. column.Fill is null ? [] : Refusals.OfFilling(table, column, where),
            .. column.Fill is null ? [] : await UnfinishedSourcesAsync(table, column, where),
            isSmall ? null : Refusals.OfRewrite(column, where),
            Refusals.OfUnique(column, table, where),
            Refusals.OfPartitioned(column, table, server, where),
        ];
        _refused.AddRange(refusals.OfType<Problem>());
        return column;
    }

    /// <summary>Until the other change is completed old code may leave such a column NULL, and which of two triggers runs first only their names tell.</summary>
    private async Task<IEnumerable<Problem>> UnfinishedSourcesAsync(Table table, NewColumn column, string where) =>
        (await CatalogReader.ColumnsBeingFilledAsync(connection, table, _cancel)).Intersect(column.Fill!.Sources).Select(source => new Problem(
            where, $"the expression reads {source}, which an unfinished change is still filling.", "Complete that change first (`segue status` names it), or roll it back."));

    private async Task CheckEncodingAsync(string title, string key, string? text)
    {
        try
        {
            await connection.ExecuteAsync("SAVEPOINT encoding", _cancel);
            await connection.ScalarAsync<string>("SELECT $1::text", _cancel, text ?? "");
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.UntranslatableCharacter or PostgresErrorCodes.CharacterNotInRepertoire)
        {
            _invalid.Add(new Problem($"{title}: {key}", $"the database cannot hold this text: {Errors.Describe(error)}", "Write it in characters that the database's encoding has."));
        }
        finally
        {
            await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT encoding", _cancel);
        }
    }

    private async Task<(Table? Parent, string? Column)> ParentAsync(Probe probe, Table table, NewColumn column)
    {
        if (column.Change.References is not { } reference)
        {
            return (null, null);
        }

        string where = $"{column.Change.Title}: references";
        if (await FindAsync(reference.Table, where) is not { } parent)
        {
            return (null, null);
        }

        if ((reference.Column ?? (parent.PrimaryKey.Count == 1 ? parent.PrimaryKey[0] : null)) is not { } parentColumn)
        {
            _invalid.Add(new Problem(where, $"{reference.Table} has no primary key of one column.", "Say which column with `column:`."));
            return (null, null);
        }

        if (Refusals.OfParent(table, parent, where) is { } refusal)
        {
            _refused.Add(refusal);
        }

        IReadOnlyList<Problem> lacking = parent.Columns.Contains(parentColumn) ? await new Rights(connection, table, server, _cancel).ToReferenceAsync(parent, parentColumn, where) : [];
        _refused.AddRange(lacking);
        if (lacking.Count == 0)
        {
            await probe.CheckForeignKeyAsync(column, parent, parentColumn, _cancel);
        }

        return (parent, parentColumn);
    }

    private async Task<Table?> FindAsync(TableName name, string where)
    {
        if (await CatalogReader.FindAsync(connection, name, _cancel) is not { } table)
        {
            IReadOnlyList<string> namesakes = await CatalogReader.NamesakesAsync(connection, name.Name, _cancel);
            _invalid.Add(new Problem(
                where,
                $"there is no table {name} in database {connection.Database}{(name.Schema is null ? $" on the search path ({string.Join(", ", server.SearchPath)})" : "")}.",
                namesakes.Count > 0 ? $"Did you mean {string.Join(" or ", namesakes)}?" : "Check the name and the database."));
            return null;
        }

        return table;
    }
}

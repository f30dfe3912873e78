using Npgsql;
using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Types;

/// <summary>
/// The types that operations work on. Changes to a type during planning stay until the planning ends, so that later
/// operations see them.
/// </summary>
internal sealed class TypeTargets(Draft draft)
{
    /// <summary>No statement about a type locks a table, unless it says so.</summary>
    public static DdlStep Step(string id, string title, IEnumerable<string> statements) =>
        new()
        {
            Id = id,
            Title = title,
            Statements = [.. statements],
            Impact = new Impact { Locks = [], Cost = Cost.Metadata },
        };

    public static GateStep Gate(string id, string title, GateCondition condition) =>
        new()
        {
            Id = id,
            Title = title,
            Policy = new GatePolicy { Conditions = [condition] },
            Impact = new Impact { Locks = [], Cost = Cost.Wait },
        };

    /// <summary>The schema of a new type; null, with a problem, if there is none.</summary>
    public async Task<string?> SchemaAsync(TableName name, string where)
    {
        if ((name.Schema ?? (draft.Server.SearchPath is [var first, ..] ? first : null)) is not { } schema)
        {
            draft.Invalid.Add(new Problem(where, "no schema of the search path exists.", "Name the schema as well."));
            return null;
        }

        if (
            await draft.Connection.ScalarAsync<bool?>(
                "SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = $1",
                draft.Cancel,
                schema
            )
            is not { } may
        )
        {
            draft.Invalid.Add(
                new Problem(
                    where,
                    $"there is no schema {schema} in database {draft.Connection.Database}.",
                    "Check the name and the database."
                )
            );
            return null;
        }

        if (!may)
        {
            draft.Refused.Add(
                new Problem(
                    where,
                    $"it would be created in schema {schema}, where our role may not create objects.",
                    $"`GRANT CREATE ON SCHEMA {Sql.Name(schema)} TO {Sql.Name(draft.Server.Role)}`."
                )
            );
            return null;
        }

        return schema;
    }

    /// <summary>A type that we own; null, with a problem, otherwise.</summary>
    public async Task<ExistingType?> OwnedAsync(TableName name, char kind, string where)
    {
        string noun = kind == ExistingType.Domain ? "a domain" : "an enum type";
        if (await ExistingType.FindAsync(draft.Connection, name, draft.Cancel) is not { } type)
        {
            draft.Invalid.Add(
                new Problem(
                    where,
                    $"there is no type {name}{draft.OnThePath(name)}.",
                    await MeantNames.OfTypeAsync(draft.Connection, name, draft.Cancel)
                )
            );
            return null;
        }

        if (type.Kind != kind)
        {
            draft.Invalid.Add(new Problem(where, $"{type.Schema}.{type.Name} is not {noun}.", "Check the name."));
            return null;
        }

        if (draft.NewTypes.Contains(type.Sql))
        {
            draft.Invalid.Add(
                new Problem(
                    where,
                    $"{type.Schema}.{type.Name} is created by this change.",
                    "Create it in its final form."
                )
            );
            return null;
        }

        if (!type.IsOwnerOrMember)
        {
            draft.Refused.Add(
                new Problem(
                    where,
                    $"{type.Schema}.{type.Name} belongs to {type.Owner}; only its owner may alter it.",
                    $"Connect as {type.Owner}, or as a role that is a member of it."
                )
            );
            return null;
        }

        return type;
    }

    /// <summary>Does it for the rest of the planning; false, with a problem, if the server rejects it.</summary>
    public async Task<bool> DoAsync(string where, string remedy, params IEnumerable<string> statements)
    {
        PostgresException? rejection = await draft.Connection.RejectionOfAsync(
            async () =>
            {
                foreach (string statement in statements)
                {
                    await draft.Connection.ExecuteAsync(statement, draft.Cancel);
                }
            },
            error => Errors.Classify(error) is ErrorClass.Permanent or ErrorClass.Rows or ErrorClass.Cancelled,
            draft.Cancel
        );
        if (rejection is null)
        {
            return true;
        }

        draft.Invalid.Add(new Problem(where, $"{rejection.MessageText.TrimEnd('.')}.", remedy));
        return false;
    }
}

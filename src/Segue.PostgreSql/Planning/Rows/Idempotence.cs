using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning.Rows;

/// <summary>Assigning twice must change nothing more: otherwise no row would ever be done. Asked of real rows, from the first blocks of the table.</summary>
internal sealed class Idempotence(NpgsqlConnection connection, Table table, Assignments assignments)
{
    private const int Blocks = 2_000;
    private const int Rows = 1_000;

    /// <summary>Null where none was found; a column that the same change adds has no rows yet to ask of.</summary>
    public async Task<Problem?> ObjectionAsync(string where, CancellationToken cancel)
    {
        string alias = Sql.Name(table.Name);
        string first = table.Partitions.FirstOrDefault(partition => partition is { Kind: 'r', Size.Bytes: > 0 })?.Sql ?? table.Sql;
        string sampled = $"SELECT * FROM {first} AS {alias} WHERE ctid < '({Blocks},0)' AND {assignments.Needs} LIMIT {Rows}";
        TableCopy asking = new(connection, table) { Where = where };
        (long again, long asked) = (0, 0);
        bool answered = await asking.SucceedsAsync(async () => (again, asked) = (await connection.QueryAsync(
            $"SELECT count(*) FILTER (WHERE {assignments.Needs}), count(*) FROM (SELECT {assignments.Row} FROM ({sampled}) AS {alias}) AS {alias}", row => (row.GetInt64(0), row.GetInt64(1)), cancel))[0], cancel);
        return answered && again > 0
            ? new Problem(where, $"once written, {again:N0} of {asked:N0} rows that were looked at would be changed again: a fill that is interrupted, or looks twice, would do it twice.", "Write expressions that give the same again, or a `where` that no longer holds for a row that is written.")
            : null;
    }
}

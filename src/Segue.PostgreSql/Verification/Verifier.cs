using Npgsql;
using NpgsqlTypes;
using Segue.Backfill;
using Segue.Planning;
using Segue.PostgreSql.Execution;
using Segue.Verification;

namespace Segue.PostgreSql.Verification;

internal sealed class Verifier(Database database, IBatches batches) : IVerifier
{
    public async Task<long> BlocksAsync(string relation, CancellationToken cancel) => (await batches.MeasureAsync(relation, cancel)).Blocks;

    public async Task<Tally> CompareAsync(Plan plan, VerifyCheck check, BlockRange range, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await connection.SetLocalAsync(
            cancel,
            [.. LocalSettings.Of(plan), ("row_security", "off"), ("transaction_read_only", check.CallsVolatile ? "off" : "on"), ("enable_seqscan", check.WholeTable ? "on" : "off"), ("jit", "off")]);
        object?[] parameters = check.WholeTable ? [] : [Tid(range.Start), Tid(range.End)];
        await using NpgsqlBatch question = connection.CreateBatch();
        question.Timeout = 0;
        question.Add(check.Query, parameters);
        await using NpgsqlDataReader reader = await question.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new Tally(reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<string[]>(2));
    }

    private static NpgsqlParameter Tid(long block) => new() { NpgsqlDbType = NpgsqlDbType.Tid, Value = new NpgsqlTid((uint)block, 0) };
}

using System.Data;
using Npgsql;
using Segue.Engines;
using Segue.Ledger;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Ledger;

namespace Segue.PostgreSql.Backfill;

/// <summary>One connection that fills one range after the other.</summary>
internal sealed class FillSession(Database database, LedgerMark mark) : IAsyncDisposable
{
    private NpgsqlConnection? _connection;

    public async Task<BatchResults> FillAsync(IReadOnlyList<BatchPart> batches, CancellationToken cancel)
    {
        long began = database.Time.GetTimestamp();
        await using FillMessage message = new(await ConnectionAsync(cancel), batches);
        try
        {
            await message.SendAsync(cancel);
            return new BatchResults(message.Filled, message.OnServer);
        }
        catch (PostgresException error) when (!cancel.IsCancellationRequested)
        {
            Batch failed = batches[Math.Min(message.Filled.Count, batches.Count - 1)].Batch;
            TimeSpan took =
                database.Time.GetElapsedTime(began)
                - TimeSpan.FromTicks(message.Filled.Sum(filled => filled.Took.Ticks));
            if (error.SqlState == Errors.CursorGone)
            {
                await DropConnectionAsync();
                throw new LedgerDamagedException(
                    $"The ledger's row of {failed.Key.Relation} in segue.backfill is missing. The next run "
                        + $"of {failed.Key.Change} fills that table from its start."
                );
            }

            if (await ResultAsync(message, error, failed, took, cancel) is { } result)
            {
                await _connection!.ExecuteAsync("ROLLBACK", cancel);
                return new BatchResults([.. message.Filled, result], message.OnServer);
            }

            await DropConnectionAsync();
            throw;
        }
        catch
        {
            await DropConnectionAsync();
            throw;
        }
        finally
        {
            // Also of a message whose end did not arrive: these batches committed.
            foreach (BatchResult.Filled filled in message.Filled)
            {
                mark.Filled(batches[0].Batch.Key, filled.RowsDone);
            }
        }
    }

    public async ValueTask DisposeAsync() => await DropConnectionAsync();

    /// <summary>Null for an error that batches do not handle.</summary>
    private async Task<BatchResult?> ResultAsync(
        FillMessage message,
        PostgresException error,
        Batch failed,
        TimeSpan took,
        CancellationToken cancel
    ) =>
        error.SqlState switch
        {
            Errors.TableRewritten => new BatchResult.Rewritten(),
            // A partition was dropped meanwhile: it is measured again, and found to have no rows.
            PostgresErrorCodes.UndefinedTable
                when await database.ScalarAsync<bool>(
                    "SELECT to_regclass($1) IS NULL",
                    cancel,
                    failed.Target.Relation
                ) => new BatchResult.Rewritten(),
            PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected => message.IsAtTableLock(error)
                ? new BatchResult.TableLocked()
                : new BatchResult.RowLocked(),
            PostgresErrorCodes.QueryCanceled when took >= failed.Limit => new BatchResult.TooSlow(),
            _ when failed is { Mode: not FillMode.Each, Target.FillEach: not null }
                    && FillMessage.IsOfRows(error, failed) => new BatchResult.RowsFail(),
            _ => null,
        };

    private async Task<NpgsqlConnection> ConnectionAsync(CancellationToken cancel)
    {
        if (_connection is { FullState: not ConnectionState.Open })
        {
            await DropConnectionAsync();
        }

        return _connection ??= await database.OpenAsync(cancel);
    }

    private async Task DropConnectionAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }
}

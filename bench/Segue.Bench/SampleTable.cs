using Npgsql;

namespace Segue.Bench;

/// <summary>Full pages of rows of about 126 bytes with three indexes, made anew for each contestant.</summary>
internal sealed class SampleTable(string connectionString)
{
    public const string Expression = "CASE region % 3 WHEN 0 THEN 'EUR' WHEN 1 THEN 'USD' ELSE 'GBP' END";

    public async Task CreateAsync(long rows, CancellationToken cancel)
    {
        await ExecuteAsync("DROP TABLE IF EXISTS orders; DROP SCHEMA IF EXISTS segue CASCADE", cancel);
        await ExecuteAsync(
            $"""
            CREATE TABLE orders (id bigint, customer_id int NOT NULL, region int NOT NULL,
                amount numeric(10,2) NOT NULL, status text NOT NULL, created_at timestamptz NOT NULL, note text);
            INSERT INTO orders SELECT n, (n * 7919) % 100000, n % 17, (n % 10000) / 7.0, 'open',
                timestamptz '2026-01-01' + ((n * 104729) % 31536000) * interval '1 s',
                md5(n::text) || substr(md5((n + 1)::text), 1, 14)
            FROM generate_series(1::bigint, {rows}) AS n;
            ALTER TABLE orders ADD PRIMARY KEY (id);
            CREATE INDEX orders_customer ON orders (customer_id);
            CREATE INDEX orders_created ON orders (created_at);
            ALTER TABLE orders SET (autovacuum_enabled = off);
            """,
            cancel
        );
        await ExecuteAsync("VACUUM (ANALYZE) orders", cancel);
        await ExecuteAsync("CHECKPOINT", cancel);
    }

    /// <summary>A sync trigger as any tool of this kind needs one while old code writes.</summary>
    public Task AddColumnAndTriggerAsync(string condition, CancellationToken cancel) =>
        ExecuteAsync(
            $"""
            ALTER TABLE orders ADD COLUMN currency char(3);
            CREATE OR REPLACE FUNCTION fill_currency() RETURNS trigger
                LANGUAGE plpgsql AS $$ BEGIN NEW.currency := CASE NEW.region % 3 WHEN 0 THEN 'EUR' WHEN 1 THEN 'USD'
                ELSE 'GBP' END; RETURN NEW; END $$;
            CREATE TRIGGER fill_currency BEFORE INSERT OR UPDATE ON orders FOR EACH ROW {condition}
                EXECUTE FUNCTION fill_currency();
            """,
            cancel
        );

    public Task<long> HeapAsync(CancellationToken cancel) =>
        ScalarAsync<long>("SELECT pg_relation_size('orders')", cancel);

    public Task<long> IndexesAsync(CancellationToken cancel) =>
        ScalarAsync<long>("SELECT pg_indexes_size('orders')", cancel);

    public Task<long> WalAsync(CancellationToken cancel) =>
        ScalarAsync<long>("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint", cancel);

    public Task<long> WrongAsync(CancellationToken cancel) =>
        ScalarAsync<long>(
            $"SELECT count(*) FROM orders WHERE currency IS DISTINCT FROM ({Expression})::char(3)",
            cancel
        );

    public async Task ExecuteAsync(string sql, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = new(connectionString);
        await connection.OpenAsync(cancel);
        await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancel);
    }

    public async Task<T> ScalarAsync<T>(string sql, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = new(connectionString);
        await connection.OpenAsync(cancel);
        await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = 0 };
        return (T)(await command.ExecuteScalarAsync(cancel))!;
    }
}

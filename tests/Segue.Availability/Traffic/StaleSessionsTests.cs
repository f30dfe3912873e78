using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Segue.Execution;
using Segue.Testing;

namespace Segue.Availability.Traffic;

/// <summary>Applications with EF Core and a driver that prepares by itself, while a column gets another type.</summary>
public class StaleSessionsTests
{
    private const int Workers = 4;

    /// <summary>
    /// Statements that a session keeps prepared: fewer than the application has, so that they are full.
    /// </summary>
    private const int Slots = 4;

    [Theory, PostgresVersions(14, 18)]
    public async Task Ended_sessions_leave_no_request_that_fails_after_the_change(int major)
    {
        await using TestDatabase db = await WithOrdersAsync(major);
        await using App app = App.Start(db);

        (await db.ApplyAsync(Wider("end_sessions_of: [shop]"))).ShouldBeOfType<RunOutcome.WaitingAtGate>();
        await app.AnswersAsync(200);
        app.Failures.ShouldBeEmpty();
        RunOutcome.Completed completed = (await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Completed>();
        int during = app.Failures.Count;
        await app.AnswersAsync(400);

        completed.Afterwards.ShouldHaveSingleItem().ShouldContain("Idle sessions of shop were ended");
        app.Failures.Skip(during).ShouldBeEmpty();
        // A session that is busy at the very moment meets the new type with its old plans, each of which can fail once
        // before it is ended.
        during.ShouldBeLessThanOrEqualTo(Workers * Slots);
    }

    [Theory, PostgresVersions(18)]
    public async Task A_run_that_ends_no_sessions_says_that_applications_must_be_restarted(int major)
    {
        await using TestDatabase db = await WithOrdersAsync(major);
        await using App app = App.Start(db);

        RunOutcome.WaitingAtGate gate = (await db.ApplyAsync(Wider(""))).ShouldBeOfType<RunOutcome.WaitingAtGate>();
        await app.AnswersAsync(200);
        RunOutcome.Completed completed = (await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Completed>();
        await app.AnswersAsync(400);

        gate.Gate.WaitsFor.ShouldContain("be ready to restart those apps, or name them in `end_sessions_of`");
        completed.Afterwards.ShouldHaveSingleItem().ShouldContain("restart the applications that use it");
        app.Failures.ShouldNotBeEmpty();
    }

    private static string Wider(string more) =>
        $"operations: [{{ alter_column: {{ table: orders, name: note, type: "
        + $"varchar(100){(more.Length > 0 ? $", {more}" : "")} }} }}]";

    private static async Task<TestDatabase> WithOrdersAsync(int major)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note varchar(50),
                amount int NOT NULL DEFAULT 0);
            INSERT INTO orders (note, amount) SELECT 'n' || n, n FROM generate_series(1, 500) n;
            """
        );
        return db;
    }

    private sealed class Order
    {
        public long Id { get; set; }

        public string? Note { get; set; }

        public int Amount { get; set; }
    }

    private sealed class Shop(DbContextOptions<Shop> options) : DbContext(options)
    {
        public DbSet<Order> Orders => Set<Order>();

        protected override void OnModelCreating(ModelBuilder model) =>
            model.Entity<Order>(order =>
            {
                order.ToTable("orders");
                order.Property(each => each.Id).HasColumnName("id").UseIdentityAlwaysColumn();
                order.Property(each => each.Note).HasColumnName("note");
                order.Property(each => each.Amount).HasColumnName("amount");
            });
    }

    /// <summary>Workers that read and save, with the retries that EF Core offers.</summary>
    private sealed class App : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly NpgsqlDataSource _source;
        private readonly DbContextOptions<Shop> _options;
        private readonly Task[] _workers;
        private long _answers;

        private App(TestDatabase db)
        {
            _source = NpgsqlDataSource.Create(
                db.ConnectionString
                    + $";Application Name=shop;Max Auto Prepare={Slots};Auto Prepare Min Usages=2;Maximum "
                    + $"Pool Size={Workers}"
            );
            _options = new DbContextOptionsBuilder<Shop>()
                .UseNpgsql(_source, npgsql => npgsql.EnableRetryOnFailure())
                .Options;
            _workers =
            [
                .. Enumerable.Range(0, Workers).Select(number => Task.Run(() => WorkAsync(new Random(number)))),
            ];
        }

        public ConcurrentQueue<string> Failures { get; } = new();

        public static App Start(TestDatabase db) => new(db);

        /// <summary>Waits for that many more requests.</summary>
        public async Task AnswersAsync(int more)
        {
            long until = Interlocked.Read(ref _answers) + more;
            using CancellationTokenSource deadline = new(TimeSpan.FromMinutes(3));
            while (Interlocked.Read(ref _answers) < until)
            {
                await Task.Delay(5, deadline.Token);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_workers);
            await _source.DisposeAsync();
            _stop.Dispose();
        }

        private async Task WorkAsync(Random random)
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    await RequestAsync(random);
                }
                catch (Exception error)
                {
                    Failures.Enqueue(error.GetBaseException().Message);
                }

                Interlocked.Increment(ref _answers);
                await Task.Delay(random.Next(1, 10));
            }
        }

        private async Task RequestAsync(Random random)
        {
            await using Shop shop = new(_options);
            long id = random.Next(1, 500);
            switch (random.Next(6))
            {
                case 0:
                    await shop.Orders.SingleAsync(order => order.Id == id);
                    break;
                case 1:
                    await shop.Orders.Where(order => order.Id == id).Select(order => order.Note).SingleAsync();
                    break;
                case 2:
                    await shop
                        .Orders.Where(order => order.Amount > 495)
                        .OrderBy(order => order.Id)
                        .Take(5)
                        .ToListAsync();
                    break;
                case 3:
                    await shop.Orders.CountAsync(order => order.Amount > id);
                    break;
                case 4:
                    shop.Orders.Add(new Order { Note = "new", Amount = 1 });
                    shop.Orders.Add(new Order { Note = "newer", Amount = 2 });
                    await shop.SaveChangesAsync();
                    break;
                default:
                    Order order = await shop.Orders.FirstAsync(each => each.Id >= id);
                    order.Note = $"{random.Next()}";
                    await shop.SaveChangesAsync();
                    break;
            }
        }
    }
}

using Segue.Planning;

namespace Segue.Cli.Tests;

/// <summary>A plan made by hand, with a step of each kind.</summary>
internal static class Samples
{
    public static DdlStep Expand { get; } =
        new()
        {
            Id = "expand",
            Title = "add currency to orders and keep it in sync with old code",
            Impact = new Impact { Locks = [Exclusive], Cost = Cost.Metadata },
            Estimate = new Estimate(2_000_000, 264_241_152, 0.01, "catalog only"),
            PatientLocks = ["LOCK TABLE public.orders IN SHARE UPDATE EXCLUSIVE MODE"],
            Locks = ["LOCK TABLE public.orders IN ACCESS EXCLUSIVE MODE"],
            Statements =
            [
                "ALTER TABLE public.orders\n  ADD COLUMN currency char(3)",
                "CREATE TRIGGER segue_1 BEFORE INSERT ON public.orders",
            ],
            Undo =
            [
                new DdlStep
                {
                    Id = "expand/undo",
                    Title = "drop currency",
                    Impact = new Impact { Locks = [Exclusive], Cost = Cost.Metadata },
                    Statements = ["ALTER TABLE public.orders DROP COLUMN currency"],
                },
            ],
        };

    public static BackfillStep Backfill { get; } =
        new()
        {
            Id = "backfill",
            Title = "fill currency of orders in small batches",
            Impact = new Impact
            {
                Locks = [new RelationLock("public.orders", "ROW EXCLUSIVE", Blocks.Nothing)],
                Cost = Cost.Batches,
            },
            Estimate = new Estimate(2_000_000, 264_241_152, 25, "80,000 rows/s; longer when throttled"),
            Targets = [Target("public.orders_2025"), Target("public.orders_2026")],
        };

    public static VerifyStep Verify { get; } =
        new()
        {
            Id = "verify",
            Title = "compare every row",
            Impact = new Impact { Locks = [], Cost = Cost.Scan },
            Checks =
            [
                new VerifyCheck
                {
                    Claim = "currency is filled",
                    Relation = "public.orders",
                    Query = "SELECT count(*)",
                    Remedy = "Fill it.",
                },
            ],
        };

    public static OnlineStep Index { get; } =
        new()
        {
            Id = "enforce/index",
            Title = "build index orders_currency_idx concurrently",
            Impact = new Impact
            {
                Locks =
                [
                    new RelationLock("public.orders", "SHARE UPDATE EXCLUSIVE", Blocks.Nothing),
                    new RelationLock("public.currencies", "SHARE ROW EXCLUSIVE", Blocks.Writes),
                ],
                Cost = Cost.Build,
            },
            Estimate = new Estimate(2_000_000, 264_241_152, 90, "700,000 rows/s"),
            Statement = "CREATE INDEX CONCURRENTLY orders_currency_idx ON public.orders (currency);",
        };

    public static GateStep Gate { get; } =
        new()
        {
            Id = "switch",
            Title = "wait until the app uses the new shape",
            Impact = new Impact { Locks = [], Cost = Cost.Wait },
            Policy = new GatePolicy
            {
                Conditions = [new GateCondition(GateEvidence.WrittenByApp, ["orders.currency"])],
            },
        };

    public static DdlStep Contract { get; } =
        new()
        {
            Id = "contract",
            Title = "drop the sync trigger on orders",
            Impact = new Impact
            {
                Locks = [Exclusive],
                Cost = Cost.Metadata,
                Reversible = false,
            },
            Statements = ["DROP TRIGGER segue_1 ON public.orders"],
        };

    public static Plan Plan { get; } =
        new()
        {
            Change = "0007_orders_currency",
            ChangeHash = "00",
            Engine = "postgresql",
            ServerVersion = 17,
            Limits = Limits.Default,
            SearchPath = ["public"],
            Stages =
            [
                new Stage(StageName.Expand, [Expand]),
                new Stage(StageName.Backfill, [Backfill]),
                new Stage(StageName.Verify, [Verify]),
                new Stage(StageName.Enforce, [Index]),
                new Stage(StageName.Switch, [Gate]),
                new Stage(StageName.Contract, [Contract]),
            ],
            Hazards =
            [
                new Hazard(
                    "star-statements",
                    "Statements whose shape is * break on any new column: a prepared SELECT * or RETURNING "
                        + "*, COPY or INSERT ... SELECT * without a column list."
                ),
            ],
            Fingerprint = [],
        };

    private static RelationLock Exclusive => new("public.orders", "ACCESS EXCLUSIVE", Blocks.ReadsAndWrites);

    private static BackfillTarget Target(string relation) =>
        new()
        {
            Relation = relation,
            Passes = [32, 64, 128, 256],
            FillPart =
                $"UPDATE {relation} SET currency = 'USD' WHERE ctid >= $1 AND ctid < $2 AND segue.share(ctid) < $3",
            FillRest = $"UPDATE {relation} SET currency = 'USD' WHERE ctid >= $1 AND ctid < $2",
            FillUnlocked = "",
            CountRemaining = "",
        };
}

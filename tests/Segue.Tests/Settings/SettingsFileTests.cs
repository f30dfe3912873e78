using Segue.Engines;
using Segue.Execution;
using Segue.Planning;
using Segue.Running;
using Segue.Settings;
using Segue.Tests.Changes;

namespace Segue.Tests.Settings;

public sealed class SettingsFileTests
{
    private const string Everything = """
        changes: db/changes
        environments:
          local:
            database: "postgres://segue@localhost:5432/shop"
            replicas: [ "postgres://segue@localhost:5433/shop" ]
          production: { database_env: PROD_URL, staged: false }
        default_environment: local
        staged: true
        limits:
          lock_timeout: 100ms
          hold_budget: 1s
          patient_lock_timeout: 1min
          batch_target: 20 ms
          row_lock_timeout: 10ms
          small_table: 64kB
          lock_wait: 1h
          reconnect: 0s
          online_deadline: 48h
          duty_cycle: 25%
        throttle: { replica_lag: 2s, replica_lag_bytes: 1GB, min_free_disk: 5%, max_wal: 2GB, lock_waiters: 3 }

        """;

    public static TheoryData<string, string> Mistakes =>
        new()
        {
            { "chanegs: a", "1:1: unknown key 'chanegs' in segue.yaml; did you mean 'changes'?" },
            { "- a", "1:1: 'segue.yaml' must be a map of keys, not a list" },
            { "environments: [a]", "1:15: 'environments' must be a map of names, not a list" },
            { "environments: { 1st: { database_env: A } }", "1:17: '1st' cannot be an environment's name" },
            {
                "environments: { a: { database_env: A }, a: { database_env: A } }",
                "1:41: 'a' is given twice in environments"
            },
            { "environments: { a: {} }", "1:20: the environment has no database" },
            { "environments: { a: }", "1:17: 'a' has no value" },
            {
                "environments: { a: { database: x, database_env: A } }",
                "1:49: 'database' and 'database_env' exclude each other"
            },
            {
                "environments: { a: { url: x } }",
                "1:22: unknown key 'url' in the environment; did you mean 'database'?"
            },
            {
                "environments: { a: { database_env: $A } }",
                "1:36: 'database_env' must be the name of an environment variable"
            },
            { "staged: yes", "1:9: 'staged' must be true or false, not 'yes'" },
            { "environments: { a: { database_env: A, staged: 1 } }", "1:47: 'staged' must be true or false, not '1'" },
            { "environments: { a: { database_env: A, replicas: x } }", "1:49: 'replicas' must be a list, not text" },
            {
                "environments: { local: { database_env: A } }\ndefault_environment: lokal",
                "2:22: there is no environment 'lokal'; did you mean 'local'?"
            },
            { "limits: { lock_timeout: 200 }", "1:25: 'lock_timeout' must be a duration, not '200'" },
            { "limits: { lock_timeout: 1.5s }", "1:25: 'lock_timeout' must be a duration, not '1.5s'" },
            { "limits: { lock_timeout: 2m }", "1:25: 'lock_timeout' must be a duration, not '2m'" },
            { "limits: { lock_timeout: -1s }", "1:25: 'lock_timeout' must be a duration, not '-1s'" },
            {
                "limits: { lock_timeout: 99999999999999999999s }",
                "1:25: 'lock_timeout' must be a duration, not '99999999999999999999s'"
            },
            {
                "limits: { lock_timeout: 9999999999999999h }",
                "1:25: 'lock_timeout' must be a duration, not '9999999999999999h'"
            },
            { "limits: { lock_timeout: 0ms }", "1:25: 'lock_timeout' cannot be 0ms" },
            { "limits: { lock_timeout: 11s }", "1:25: 'lock_timeout' cannot be 11s" },
            { "limits: { row_lock_timeout: 1s }", "1:29: 'row_lock_timeout' cannot be 1s" },
            { "limits: { small_table: 1mb }", "1:24: 'small_table' must be a size, not '1mb'" },
            { "limits: { small_table: 2TB }", "1:24: 'small_table' cannot be 2TB" },
            { "limits: { small_table: [1] }", "1:24: 'small_table' must be a size, not a list" },
            { "limits: { online_deadline: 30s }", "1:28: 'online_deadline' cannot be 30s" },
            { "limits: { online_deadline: 721h }", "1:28: 'online_deadline' cannot be 721h" },
            { "limits: { duty_cycle: 0% }", "1:23: 'duty_cycle' must be a share from 1% to 100%, not '0%'" },
            { "limits: { duty_cycle: 101% }", "1:23: 'duty_cycle' must be a share from 1% to 100%, not '101%'" },
            { "limits: { duty_cycle: 0.5 }", "1:23: 'duty_cycle' must be a share from 1% to 100%, not '0.5'" },
            { "limits: { duty_cycle: [50%] }", "1:23: 'duty_cycle' must be a share from 1% to 100%, not a list" },
            { "throttle: { lock_waiters: 0 }", "1:27: 'lock_waiters' must be a whole number from 1 to 10000, not '0'" },
            { "throttle: { max_wal: 1MB }", "1:22: 'max_wal' cannot be 1MB" },
            { "throttle: { max_wal: 32TB }", "1:22: 'max_wal' cannot be 32TB" },
            {
                "throttle: { min_free_disk: 100% }",
                "1:28: 'min_free_disk' must be a share from 1% to 99%, a size, or both, not '100%'"
            },
            {
                "throttle: { min_free_disk: 1GB/10% }",
                "1:28: 'min_free_disk' must be a share from 1% to 99%, a size, or both, not '1GB/10%'"
            },
            {
                "throttle: { replica_lag: 1s, replica_lag: 2s }",
                "1:30: 'replica_lag' is given twice in throttle, first on line 1"
            },
            { "limits:", "1:1: 'limits' has no value" },
        };

    [Fact]
    public void Every_key_is_read_into_its_record()
    {
        string directory = Path.GetFullPath("/work");
        SegueSettings settings = Read(Everything, Path.Combine(directory, "segue.yaml"));

        settings.Changes.ShouldBe(Path.Combine(directory, "db", "changes"));
        settings.Environments.Keys.ShouldBe(["local", "production"]);
        settings.Environments["local"].Database.ShouldBe("postgres://segue@localhost:5432/shop");
        settings.Environments["local"].Replicas.ShouldBe(["postgres://segue@localhost:5433/shop"]);
        settings
            .Environments["production"]
            .ShouldBe(
                new DatabaseEnvironment
                {
                    DatabaseVariable = "PROD_URL",
                    Replicas = settings.Environments["production"].Replicas,
                    Staged = false,
                }
            );
        settings.DefaultEnvironment.ShouldBe("local");
        settings.Plan.Staged.ShouldBeTrue();
        settings.Plan.Limits.ShouldBe(
            new Limits
            {
                LockTimeoutMs = 100,
                HoldBudgetMs = 1000,
                PatientLockTimeoutMs = 60_000,
                BatchTargetMs = 20,
                RowLockTimeoutMs = 10,
            }
        );
        settings.Plan.SmallTableBytes.ShouldBe(65_536);
        settings.Run.ShouldBe(
            new RunLimits
            {
                LockWait = TimeSpan.FromHours(1),
                Reconnect = TimeSpan.Zero,
                OnlineDeadline = TimeSpan.FromHours(48),
                DutyCycle = 0.25,
            }
        );
        settings.Throttle.ShouldBe(
            new ThrottleSettings
            {
                ReplicaLag = TimeSpan.FromSeconds(2),
                ReplicaLagBytes = 1L << 30,
                MinFreeDisk = new FreeDisk(5, null),
                MaxWal = 2L << 30,
                LockWaiters = 3,
            }
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("# limits: {}")]
    [InlineData("limits: {}\nthrottle: {}\nenvironments: {}")]
    public void A_missing_setting_has_its_default(string text)
    {
        SegueSettings settings = Read(text);
        settings.Plan.ShouldBe(new PlanOptions());
        settings.Run.ShouldBe(RunLimits.Default);
        settings.Throttle.ShouldBe(ThrottleSettings.Default);
        settings.Environments.ShouldBeEmpty();
        settings.DefaultEnvironment.ShouldBeNull();
        settings.Changes.ShouldBe(Path.GetFullPath("changes"));
    }

    [Fact]
    public void A_run_waits_as_long_as_the_settings_say()
    {
        RunLimits.Default.ToOptions("me").ShouldBe(new RunOptions { Runner = "me" });
        Read(Everything)
            .Run.ToOptions("me")
            .ShouldBe(
                new RunOptions
                {
                    Runner = "me",
                    LockWait = TimeSpan.FromHours(1),
                    Reconnect = TimeSpan.Zero,
                    OnlineDeadline = TimeSpan.FromHours(48),
                    DutyCycle = 0.25,
                }
            );
    }

    [Theory]
    [InlineData("10%/1GB", 10, 1L << 30)]
    [InlineData("99%", 99, null)]
    [InlineData("512MB", null, 512L << 20)]
    public void Free_disk_is_a_share_a_size_or_both(string text, int? percent, long? bytes) =>
        Read($"throttle: {{ min_free_disk: {text} }}").Throttle.MinFreeDisk.ShouldBe(new FreeDisk(percent, bytes));

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_reported_with_its_place(string text, string expected) =>
        string.Join('|', Errors(text).Select(error => $"{error.Line}:{error.Column}: {error.Message}"))
            .ShouldBe(expected);

    [Theory]
    [InlineData("postgres://u:hunter2@h/db")]
    [InlineData("postgres://u:hunter2/@x@h/db")]
    [InlineData("postgres://h/db?user=u&password=hunter2")]
    [InlineData("postgres://h/db?PASSWORD=hunter2")]
    [InlineData("mysql://u:hunter2@h/db")]
    [InlineData("Host=h;Username=u;Password=hunter2")]
    [InlineData("Host=h; pwd = hunter2")]
    [InlineData("Host=h;SSL Password=hunter2")]
    [InlineData("host=h user=u password=hunter2")]
    public void A_password_is_refused_and_not_repeated(string database)
    {
        foreach (
            string text in new[]
            {
                $"environments: {{ a: {{ database: '{database}' }} }}",
                $"environments: {{ a: {{ database_env: A, replicas: ['{database}'] }} }}",
            }
        )
        {
            var error = Errors(text).ShouldHaveSingleItem();
            error.Message.ShouldEndWith(" holds a password");
            error.Remedy.ShouldContain("database_env");
            error.ToString().ShouldNotContain("hunter2");
        }
    }

    [Theory]
    [InlineData("environments: { a: { database_env: 'postgres://u:hunter2@h/db' } }")]
    [InlineData("environments: { a: { 'postgres://u:hunter2@h/db' } }")]
    [InlineData("environments: { 'postgres://u:hunter2@h/db' }")]
    [InlineData("default_environment: 'postgres://u:hunter2@h/db'")]
    [InlineData("limits: { lock_timeout: 'Password=hunter2' }")]
    [InlineData("postgres://u:hunter2@h/db")]
    public void A_secret_in_the_wrong_place_is_not_repeated(string text) =>
        string.Concat(Errors(text).Select(error => error.ToString())).ShouldNotContain("hunter2");

    [Theory]
    [InlineData("postgres://h:5432/db")]
    [InlineData("postgres://u@h:5432/db")]
    [InlineData("postgres://u:@h/db")]
    [InlineData("postgres://h/db?application_name=a:b@c&sslmode=require")]
    [InlineData("Host=h;Username=u;Passfile=/x")]
    public void A_database_without_a_password_is_taken(string database) =>
        Read($"environments: {{ a: {{ database: '{database}' }} }}").Environments["a"].Database.ShouldBe(database);

    [Fact]
    public void The_settings_file_is_found_from_a_subdirectory()
    {
        DirectoryInfo root = Directory.CreateTempSubdirectory("segue");
        DirectoryInfo below = root.CreateSubdirectory("a/b");
        SettingsFile.Find(below.FullName).ShouldBeNull();

        string path = Path.Combine(root.FullName, "segue.yaml");
        File.WriteAllText(path, Everything);
        SettingsFile.Find(below.FullName).ShouldBe(path);
        SettingsFile
            .ReadFile(path)
            .ShouldBeOfType<SettingsResult.Read>()
            .Settings.Changes.ShouldBe(Path.Combine(root.FullName, "db", "changes"));
        root.Delete(recursive: true);
    }

    [Fact]
    public void A_missing_file_is_reported() =>
        SettingsFile
            .ReadFile("nowhere/segue.yaml")
            .ShouldBeOfType<SettingsResult.Invalid>()
            .Errors[0]
            .Message.ShouldBe("there is no such file");

    [Fact]
    public void The_schema_accepts_what_the_reader_accepts_and_refuses_typing_mistakes()
    {
        JsonSchemaCheck.Accepts(SettingsFile.Schema, Everything).ShouldBeTrue();
        JsonSchemaCheck.Accepts(SettingsFile.Schema, "limits: { lock_timout: 1s }").ShouldBeFalse();
        JsonSchemaCheck.Accepts(SettingsFile.Schema, "limits: { lock_timeout: 1x }").ShouldBeFalse();
        JsonSchemaCheck.Accepts(SettingsFile.Schema, "limits: { duty_cycle: 101% }").ShouldBeFalse();
        JsonSchemaCheck.Accepts(SettingsFile.Schema, "environments: { 1st: { database_env: A } }").ShouldBeFalse();
    }

    [Fact]
    public void The_schema_shows_the_defaults()
    {
        foreach (
            string shown in new[]
            {
                "\"200ms\"",
                "\"500ms\"",
                "\"5s\"",
                "\"50ms\"",
                "\"25ms\"",
                "\"1MB\"",
                "\"5min\"",
                "\"2min\"",
                "\"64MB\"",
                "\"24h\"",
                "\"33%\"",
                "\"10%/1GB\"",
                "\"default\": 1",
            }
        )
        {
            SettingsFile.Schema.ShouldContain(shown);
        }
    }

    private static SegueSettings Read(string text, string path = "segue.yaml") =>
        SettingsFile.ReadText(path, text).ShouldBeOfType<SettingsResult.Read>().Settings;

    private static IReadOnlyList<Segue.Yaml.FileError> Errors(string text) =>
        SettingsFile.ReadText("segue.yaml", text).ShouldBeOfType<SettingsResult.Invalid>().Errors;
}

using Segue.Yaml;

namespace Segue.Settings;

/// <summary>The keys of one environment.</summary>
internal static class EnvironmentKeys
{
    public static readonly Key<DatabaseEnvironment, string> Database = new(
        "database",
        DatabaseValue.Instance,
        environment => environment.Database,
        "A URL or an ADO.NET connection string, without a password."
    )
    {
        Examples = [AddressExample.Text],
        KnownElsewhereAs = ["url", "dsn", "connection_string"],
    };

    public static readonly Key<DatabaseEnvironment, string> DatabaseVariable = new(
        "database_env",
        new VariableValue(),
        environment => environment.DatabaseVariable,
        "The environment variable that holds the URL or connection string."
    )
    {
        Examples = ["PROD_DATABASE_URL"],
    };

    public static readonly Key<DatabaseEnvironment, IReadOnlyList<string>> Replicas = new(
        "replicas",
        new ListValue<string>(DatabaseValue.Instance),
        environment => environment.Replicas,
        "Replicas whose lag and locks Segue watches. Without passwords."
    )
    {
        Default = [],
    };

    public static readonly Key<DatabaseEnvironment, bool> Staged = new(
        "staged",
        FlagValue.Instance,
        environment => environment.Staged,
        "true: here small tables are changed in stages, as large ones are. Default: the file's own key 'staged'."
    )
    {
        IsNullLeftOut = true,
    };

    public static MapValue<DatabaseEnvironment> Value { get; } =
        new(
            new MapShape<DatabaseEnvironment>(
                "the environment",
                "How to reach one database.",
                [Database, DatabaseVariable, Replicas, Staged],
                fields => new DatabaseEnvironment
                {
                    Database = fields.Get(Database),
                    DatabaseVariable = fields.Get(DatabaseVariable),
                    Replicas = fields.Get(Replicas),
                    Staged = fields.Find(Staged),
                }
            )
            {
                Exclusions = [new(Database, DatabaseVariable, "Keep one of the two.")],
                Judge = (environment, fields) =>
                {
                    if (environment.Database is null && environment.DatabaseVariable is null)
                    {
                        fields.Refuse(
                            Database,
                            "the environment has no database",
                            "Add 'database: URL' or 'database_env: VARIABLE'."
                        );
                    }
                },
            }
        );
}

using Segue.Settings;

namespace Segue.Cli.Connections;

/// <summary>
/// Which database is meant: what <c>--database</c> says, else <c>SEGUE_DATABASE</c>, else the default environment of
/// <c>segue.yaml</c>.
/// </summary>
internal sealed class DatabaseChoice(SegueSettings settings, Func<string, string?> variable)
{
    public const string Variable = "SEGUE_DATABASE";
    private const string Option = "--database";

    /// <summary>True when there is something to resolve.</summary>
    public bool IsMade(string? option) =>
        !string.IsNullOrWhiteSpace(option)
        || !string.IsNullOrWhiteSpace(variable(Variable))
        || settings.DefaultEnvironment is not null;

    public Result<ConnectRequest> Resolve(string? option)
    {
        if (!string.IsNullOrWhiteSpace(option))
        {
            return Named(Option, option.Trim());
        }

        if (variable(Variable) is { } text && !string.IsNullOrWhiteSpace(text))
        {
            return Named(Variable, text.Trim());
        }

        return settings.DefaultEnvironment is { } name
            ? Named("default_environment", name)
            : Failure.BadInput(
                "database",
                "no database was named",
                "Give --database postgres://user@host:5432/database, set SEGUE_DATABASE, or name a "
                    + "default_environment in segue.yaml."
            );
    }

    private Result<ConnectRequest> Named(string where, string text) =>
        IsAddress(text) ? Address(where, text, []) : EnvironmentNamed(where, text);

    private Result<ConnectRequest> EnvironmentNamed(string where, string name)
    {
        if (!settings.Environments.TryGetValue(name, out DatabaseEnvironment? environment))
        {
            string known =
                settings.Environments.Count == 0
                    ? "segue.yaml names no environment"
                    : $"segue.yaml names {string.Join(", ", settings.Environments.Keys)}";
            return Failure.BadInput(
                where,
                $"{Shown(name)} is not a URL, a connection string or an environment: {known}",
                "Write postgres://user@host:5432/database, or add the environment."
            );
        }

        if (environment.DatabaseVariable is not { } from)
        {
            return Address($"environment {name}", environment.Database!, environment.Replicas);
        }

        return variable(from) is { } secret && !string.IsNullOrWhiteSpace(secret)
            ? Address($"environment {name}, variable {from}", secret.Trim(), environment.Replicas)
            : Failure.BadInput(
                $"environment {name}",
                $"the environment variable {from} is not set",
                $"Set {from} to the database's URL, or name another database with --database."
            );
    }

    private Result<ConnectRequest> Address(string where, string text, IReadOnlyList<string> replicas) =>
        Target(where, text)
            .Match(
                target =>
                    target.WantedSession is "read-only" or "standby" or "prefer-standby"
                        ? OnStandby(where, target)
                        : Targets($"{where}, replicas", replicas)
                            .Match<Result<ConnectRequest>>(
                                found => new ConnectRequest(
                                    target,
                                    settings.Throttle,
                                    [.. found.Select(replica => replica.WithCredentialsOf(target))]
                                ),
                                failure => failure
                            ),
                failure => failure
            );

    private static Failure OnStandby(string where, DatabaseTarget target) =>
        Failure.BadInput(
            where,
            $"target_session_attrs={target.WantedSession} asks for a standby, but Segue must write to the primary",
            "Leave it out, or write target_session_attrs=read-write. Name standbys under replicas in segue.yaml."
        );

    private Result<IReadOnlyList<DatabaseTarget>> Targets(string where, IReadOnlyList<string> texts)
    {
        List<DatabaseTarget> targets = [];
        foreach (Result<DatabaseTarget> target in texts.Select(text => Target(where, text)))
        {
            switch (target)
            {
                case Result<DatabaseTarget>.Good good:
                    targets.Add(good.Value);
                    break;
                case Result<DatabaseTarget>.Bad bad:
                    return bad.Failure;
            }
        }

        return new Result<IReadOnlyList<DatabaseTarget>>.Good(targets);
    }

    private Result<DatabaseTarget> Target(string where, string text) =>
        Parse(text) switch
        {
            DatabaseParse.Postgres postgres => postgres.Target,
            DatabaseParse.Invalid invalid => Failure.BadInput(where, invalid.What, invalid.Remedy),
            var other => throw new System.Diagnostics.UnreachableException($"{other.GetType()}"),
        };

    private DatabaseParse Parse(string text)
    {
        if (DatabaseUrl.IsOne(text))
        {
            return DatabaseUrl.Parse(text, variable);
        }

        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        return scheme switch
        {
            < 0 => AdoConnectionString.Parse(text),
            _ when text[..scheme].ToLowerInvariant() is "mysql" or "mariadb" => new DatabaseParse.Invalid(
                "MySQL and MariaDB are not supported yet",
                "Segue works with PostgreSQL 14 and newer today."
            ),
            _ => new DatabaseParse.Invalid(
                "the URL has an unknown scheme",
                "Write it as postgres://user@host:5432/database."
            ),
        };
    }

    // What is no name may be an address with a password that lacks its scheme.
    private static string Shown(string name) =>
        name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_') ? $"'{name}'" : "the value";

    private static bool IsAddress(string text) =>
        text.Contains("://", StringComparison.Ordinal) || AdoConnectionString.IsOne(text);
}

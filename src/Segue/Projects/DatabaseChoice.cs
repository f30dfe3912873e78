using System.Diagnostics;
using Segue.Settings;
using Segue.Yaml;

namespace Segue.Projects;

/// <summary>
/// Which database is meant: the one that is named, else <c>SEGUE_DATABASE</c>, else the default environment of
/// <c>segue.yaml</c>.
/// </summary>
/// <param name="variable">Reads an environment variable.</param>
/// <param name="argument">How the caller's argument is called in messages.</param>
internal sealed class DatabaseChoice(
    SegueSettings settings,
    EngineRegistry engines,
    Func<string, string?> variable,
    string argument
)
{
    public const string Variable = "SEGUE_DATABASE";

    public Result<ConnectRequest> Resolve(string? named)
    {
        if (named is not null)
        {
            return string.IsNullOrWhiteSpace(named) ? Empty() : Named(argument, named.Trim());
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
                $"Give {argument} {Example}, set {Variable}, or name a default_environment in segue.yaml."
            );
    }

    // Most likely a variable of a script that is not set: another database than the one that was meant.
    private Failure Empty() =>
        Failure.BadInput(
            argument,
            "it is empty, so no database is chosen",
            $"Give {Example}, or leave {argument} out for {Variable} or the default_environment of segue.yaml."
        );

    private string Example => engines.Providers.Count > 0 ? engines.Providers[0].Example : "a URL";

    private Result<ConnectRequest> Named(string where, string text) =>
        EngineRegistry.IsAddress(text) ? Address(where, text, []) : EnvironmentNamed(where, text);

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
                $"{Shown(name)} is not a URL, a connection string or an environment: {known}{Meant(name)}",
                $"Write {Example}, or add the environment."
            );
        }

        return Address(name, environment)
            .Match<Result<ConnectRequest>>(request => request with { Staged = environment.Staged }, failure => failure);
    }

    private string Meant(string name) =>
        Nearest.To(name, settings.Environments.Keys) is { } meant ? $"; did you mean {meant}?" : "";

    private Result<ConnectRequest> Address(string name, DatabaseEnvironment environment)
    {
        if (environment.DatabaseVariable is not { } from)
        {
            return Address($"environment {name}", environment.Database!, environment.Replicas);
        }

        return variable(from) is { } secret && !string.IsNullOrWhiteSpace(secret)
            ? Address($"environment {name}, variable {from}", secret.Trim(), environment.Replicas)
            : Failure.BadInput(
                $"environment {name}",
                $"the environment variable {from} is not set",
                $"Set {from} to the database's URL, or name another database with {argument}."
            );
    }

    private Result<ConnectRequest> Address(string where, string text, IReadOnlyList<string> replicas) =>
        Parsed(where, text)
            .Match(
                found =>
                    found.Address.AsksForReplica is { } asks
                        ? OnReplica(where, asks)
                        : Parsed($"{where}, replicas", replicas, found.Engine)
                            .Match<Result<ConnectRequest>>(
                                others => new ConnectRequest(
                                    found.Engine,
                                    found.Address,
                                    settings.Throttle,
                                    [.. others.Select(replica => replica.WithCredentialsOf(found.Address))]
                                ),
                                failure => failure
                            ),
                failure => failure
            );

    private static Failure OnReplica(string where, string asks) =>
        Failure.BadInput(
            where,
            $"{asks} selects a read-only server, but Segue must write to the primary",
            "Leave it out. Name standbys under replicas in segue.yaml."
        );

    private Result<IReadOnlyList<DatabaseAddress>> Parsed(
        string where,
        IReadOnlyList<string> texts,
        IEngineProvider engine
    )
    {
        List<DatabaseAddress> addresses = [];
        foreach (
            Result<(IEngineProvider Engine, DatabaseAddress Address)> one in texts.Select(text => Parsed(where, text))
        )
        {
            switch (one)
            {
                case Result<(IEngineProvider Engine, DatabaseAddress Address)>.Good { Value: var found }
                    when found.Engine == engine:
                    addresses.Add(found.Address);
                    break;
                case Result<(IEngineProvider Engine, DatabaseAddress Address)>.Good:
                    return Failure.BadInput(
                        where,
                        "a replica is of another engine than its primary",
                        $"Write {engine.Example}."
                    );
                case Result<(IEngineProvider Engine, DatabaseAddress Address)>.Bad bad:
                    return bad.Failure;
            }
        }

        return new Result<IReadOnlyList<DatabaseAddress>>.Good(addresses);
    }

    private Result<(IEngineProvider Engine, DatabaseAddress Address)> Parsed(string where, string text)
    {
        if (engines.For(text) is not { } engine)
        {
            return Failure.BadInput(where, Unknown(text), $"Write it as {Example}.");
        }

        return engine.Parse(text, variable) switch
        {
            AddressParse.Read read => (engine, read.Address),
            AddressParse.Invalid invalid => Failure.BadInput(where, invalid.What, invalid.Remedy),
            var other => throw new UnreachableException($"{other.GetType()}"),
        };
    }

    private static string Unknown(string text)
    {
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        return scheme > 0 && text[..scheme].All(char.IsAsciiLetterLower)
            ? $"no engine here supports the URL scheme {text[..scheme]}://"
            : "the URL has an unknown scheme";
    }

    // A text that is not a name may be an address with a password but without its scheme.
    private static string Shown(string name) =>
        name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_') ? $"'{name}'" : "the value";
}

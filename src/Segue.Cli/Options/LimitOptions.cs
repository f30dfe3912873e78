using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Segue.Planning;
using Segue.Settings;
using Segue.Yaml;

namespace Segue.Cli.Options;

/// <summary>
/// The limits of <c>segue.yaml</c> as options, which override it. Names, ranges and messages are those of the file.
/// </summary>
internal static class LimitOptions
{
    private static readonly Option<TimeSpan?> LockTimeout = Of(LimitsKeys.LockTimeout, "DURATION");
    private static readonly Option<TimeSpan?> HoldBudget = Of(LimitsKeys.HoldBudget, "DURATION");
    private static readonly Option<TimeSpan?> LockWait = Of(LimitsKeys.LockWait, "DURATION");
    private static readonly Option<TimeSpan?> BatchTarget = Of(LimitsKeys.BatchTarget, "DURATION");
    private static readonly Option<long?> SmallTable = Of(LimitsKeys.SmallTable, "SIZE");

    private static readonly Option<double?> Duty = Of(LimitsKeys.DutyCycle, "SHARE", Fraction);

    private static readonly Option<bool> Staged = new("--staged")
    {
        Description = "Small tables take the road of large ones too, so that staging runs what production will run.",
    };

    /// <summary>Limits that become part of a plan.</summary>
    public static IReadOnlyList<Option> Planning { get; } = [LockTimeout, HoldBudget, BatchTarget, SmallTable, Staged];

    /// <summary>Limits of a run.</summary>
    public static IReadOnlyList<Option> Running { get; } = [LockWait, Duty];

    public static SegueSettings Over(SegueSettings settings, ParseResult parse) =>
        settings with
        {
            Environments = parse.GetValue(Staged) ? WithoutStaged(settings.Environments) : settings.Environments,
            Plan = settings.Plan with
            {
                Limits = Over(settings.Plan.Limits, parse),
                SmallTableBytes = parse.GetValue(SmallTable) ?? settings.Plan.SmallTableBytes,
                Staged = parse.GetValue(Staged) || settings.Plan.Staged,
            },
            Run = settings.Run with
            {
                LockWait = parse.GetValue(LockWait) ?? settings.Run.LockWait,
                DutyCycle = parse.GetValue(Duty) ?? settings.Run.DutyCycle,
            },
        };

    /// <summary>The option wins over what an environment says.</summary>
    private static Dictionary<string, DatabaseEnvironment> WithoutStaged(
        IReadOnlyDictionary<string, DatabaseEnvironment> environments
    ) => environments.ToDictionary(each => each.Key, each => each.Value with { Staged = null });

    private static Limits Over(Limits limits, ParseResult parse) =>
        limits with
        {
            LockTimeoutMs = Milliseconds(parse.GetValue(LockTimeout)) ?? limits.LockTimeoutMs,
            HoldBudgetMs = Milliseconds(parse.GetValue(HoldBudget)) ?? limits.HoldBudgetMs,
            BatchTargetMs = Milliseconds(parse.GetValue(BatchTarget)) ?? limits.BatchTargetMs,
        };

    private static int? Milliseconds(TimeSpan? duration) => duration is { } given ? (int)given.TotalMilliseconds : null;

    /// <param name="also">Another form that only the command line accepts.</param>
    private static Option<T?> Of<T>(Key<LimitsContent, T> key, string form, Func<string, T?>? also = null)
        where T : struct
    {
        string name = $"--{key.Name.Replace('_', '-')}";
        string preset = ((ScalarNode)key.Value.Write(key.Default)).Text;
        return new Option<T?>(name)
        {
            Description = $"{key.Description} Default: segue.yaml, else {preset}.",
            HelpName = form,
            CustomParser = result => also?.Invoke(result.Tokens[^1].Value) ?? Read(key, name, result),
        };
    }

    private static T? Read<T>(Key<LimitsContent, T> key, string name, ArgumentResult result)
        where T : struct
    {
        Problems problems = new(name);
        T value = key.Value.Read(
            new ScalarNode(Position.WholeFile, result.Tokens[^1].Value, Plain: false),
            name,
            problems
        );
        foreach (FileError error in problems.InOrder)
        {
            result.AddError($"{error.Message}. {error.Remedy}");
        }

        return value;
    }

    /// <summary>A share as a number, 0.5 for 50%.</summary>
    private static double? Fraction(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double share)
        && share is >= 0.01 and <= 1
            ? share
            : null;
}

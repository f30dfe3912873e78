using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Segue.Settings;

namespace Segue.Cli.Options;

/// <summary>
/// The limits of <c>segue.yaml</c> as options, which override it. Names, ranges and messages are those of the file.
/// </summary>
internal static class LimitOptions
{
    /// <summary>Lays a value over settings.</summary>
    private delegate SegueSettings Adjustment(SegueSettings settings);

    private static readonly Option<Adjustment?>[] OfPlan =
    [
        Of(LimitKey.LockTimeout, "DURATION"),
        Of(LimitKey.HoldBudget, "DURATION"),
        Of(LimitKey.BatchTarget, "DURATION"),
        Of(LimitKey.SmallTable, "SIZE"),
    ];

    private static readonly Option<Adjustment?>[] OfRun =
    [
        Of(LimitKey.LockWait, "DURATION"),
        Of(LimitKey.DutyCycle, "SHARE", Fraction),
    ];

    private static readonly Option<bool> Staged = new("--staged")
    {
        Description =
            "Change small tables in stages, as large ones are, so that staging runs what production will run.",
    };

    /// <summary>Limits that become part of a plan.</summary>
    public static IReadOnlyList<Option> Planning { get; } = [.. OfPlan, Staged];

    /// <summary>Limits of a run.</summary>
    public static IReadOnlyList<Option> Running { get; } = [.. OfRun];

    public static SegueSettings Over(SegueSettings settings, ParseResult parse)
    {
        SegueSettings limited = OfPlan
            .Concat(OfRun)
            .Aggregate(settings, (before, limit) => parse.GetValue(limit)?.Invoke(before) ?? before);
        return parse.GetValue(Staged)
            ? limited with
            {
                Environments = WithoutStaged(limited.Environments),
                Plan = limited.Plan with { Staged = true },
            }
            : limited;
    }

    /// <summary>The option wins over what an environment says.</summary>
    private static Dictionary<string, DatabaseEnvironment> WithoutStaged(
        IReadOnlyDictionary<string, DatabaseEnvironment> environments
    ) => environments.ToDictionary(each => each.Key, each => each.Value with { Staged = null });

    /// <summary>How long old code must be quiet, where the verb asks for it; null where it is not given.</summary>
    public static Option<TimeSpan?> QuietFor()
    {
        LimitKey key = LimitKey.QuietFor;
        string name = NameOf(key);
        return new(name)
        {
            Description = $"{key.Description} Default: segue.yaml, else {key.Default}.",
            HelpName = "DURATION",
            CustomParser = result => Read(key, name, result)?.Invoke(SegueSettings.Default).Run.QuietFor,
        };
    }

    private static string NameOf(LimitKey key) => $"--{key.Name.Replace('_', '-')}";

    /// <param name="also">Another form that only the command line accepts.</param>
    private static Option<Adjustment?> Of(LimitKey key, string form, Func<string, Adjustment?>? also = null)
    {
        string name = NameOf(key);
        return new(name)
        {
            Description = $"{key.Description} Default: segue.yaml, else {key.Default}.",
            HelpName = form,
            CustomParser = result => also?.Invoke(result.Tokens[^1].Value) ?? Read(key, name, result),
        };
    }

    private static Adjustment? Read(LimitKey key, string name, ArgumentResult result)
    {
        string value = result.Tokens[^1].Value;
        try
        {
            _ = key.Over(SegueSettings.Default, value, name);
            return settings => key.Over(settings, value);
        }
        catch (FormatException error)
        {
            result.AddError(error.Message);
            return null;
        }
    }

    /// <summary>A share as a number, 0.5 for 50%.</summary>
    private static Adjustment? Fraction(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double share)
        && share is >= 0.01 and <= 1
            ? settings => settings with { Run = settings.Run with { DutyCycle = share } }
            : null;
}

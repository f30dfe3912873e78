using Segue.Yaml;

namespace Segue.Settings;

/// <summary>The keys of <c>segue.yaml</c>.</summary>
internal static class SettingsKeys
{
    public static readonly Key<SegueSettings, string> Changes = new(
        "changes",
        TextValue.Plain,
        settings => settings.Changes,
        "The directory of change files, relative to this file."
    )
    {
        Default = SegueSettings.Default.Changes,
    };

    public static readonly Key<SegueSettings, IReadOnlyDictionary<string, DatabaseEnvironment>> Environments = new(
        "environments",
        new EnvironmentsValue(),
        settings => settings.Environments,
        "The databases by name."
    );

    public static readonly Key<SegueSettings, string> DefaultEnvironment = new(
        "default_environment",
        TextValue.Plain,
        settings => settings.DefaultEnvironment,
        "The default environment."
    )
    {
        Examples = ["local"],
    };

    public static readonly Key<SegueSettings, bool> Staged = new(
        "staged",
        FlagValue.Instance,
        settings => settings.Plan.Staged,
        "true: small tables are changed in stages, as large ones are. An environment may override it."
    );

    public static readonly Key<SegueSettings, LimitsContent> Limits = new(
        "limits",
        LimitsKeys.Value,
        settings => new LimitsContent(settings.Plan, settings.Run),
        "How long Segue may delay an app."
    );

    public static readonly Key<SegueSettings, ThrottleSettings> Throttle = new(
        "throttle",
        ThrottleKeys.Value,
        settings => settings.Throttle,
        "When a backfill pauses."
    );

    public static MapValue<SegueSettings> Value { get; } =
        new(
            new MapShape<SegueSettings>(
                SettingsFile.Name,
                "Segue's settings for a repository. Do not put secrets here.",
                [Changes, Environments, DefaultEnvironment, Staged, Limits, Throttle],
                Build
            )
            {
                Judge = Judge,
            }
        );

    private static SegueSettings Build(Fields<SegueSettings> fields)
    {
        LimitsContent? limits = fields.Get(Limits);
        return new SegueSettings
        {
            Changes = fields.Get(Changes),
            Environments = fields.Get(Environments) ?? SegueSettings.Default.Environments,
            DefaultEnvironment = fields.Get(DefaultEnvironment),
            Plan = (limits?.Plan ?? SegueSettings.Default.Plan) with { Staged = fields.Get(Staged) },
            Run = limits?.Run ?? RunLimits.Default,
            Throttle = fields.Get(Throttle) ?? ThrottleSettings.Default,
        };
    }

    private static void Judge(SegueSettings settings, Fields<SegueSettings> fields)
    {
        if (settings.DefaultEnvironment is not { } wanted || settings.Environments.ContainsKey(wanted))
        {
            return;
        }

        string? meant = Nearest.To(wanted, settings.Environments.Keys);
        string hint = meant is null ? "" : $"; did you mean '{meant}'?";
        string message = $"there is no environment '{Excerpt.Of(wanted)}'{hint}";
        fields.Refuse(DefaultEnvironment, message, "Name one of 'environments', or add it there.");
    }
}

namespace Segue.Ledger;

/// <summary>Who acts, for the record: the person behind a web page, a job of a pipeline.</summary>
/// <exception cref="ArgumentException">A text is empty, too long, or not a single line.</exception>
public sealed record Actor
{
    private const int LongestName = 200;
    private const int LongestReason = 2_000;

    /// <param name="name">Who: one line of at most 200 characters.</param>
    public Actor(string name) => Name = Checked(name, LongestName, nameof(name));

    /// <summary>Who: one line of at most 200 characters.</summary>
    public string Name { get; }

    /// <summary>Why, in one line of at most 2,000 characters. Default null: not said.</summary>
    public string? Reason
    {
        get;
        init => field = value is null ? null : Checked(value, LongestReason, nameof(Reason));
    }

    /// <summary>As an event says it, e.g. <c>alice (runner deploy@build-7): approved in CR-17</c>.</summary>
    /// <param name="actor">Null: the runner itself.</param>
    /// <param name="runner">The process that acts for them.</param>
    internal static string Words(Actor? actor, string runner)
    {
        string who = actor is null || actor.Name == runner ? runner : $"{actor.Name} (runner {runner})";
        return actor?.Reason is { } reason ? $"{who}: {reason}" : who;
    }

    // A line break would look like another event where events are printed.
    private static string Checked(string text, int longest, string parameter) =>
        string.IsNullOrWhiteSpace(text) || text.Length > longest || text.Any(char.IsControl)
            ? throw new ArgumentException($"It must be one line of 1 to {longest:N0} characters.", parameter)
            : text;
}

namespace Segue.Engines;

/// <summary>Reports what a server and a role can do, and what would block a change now. Reads only.</summary>
public interface IDoctor
{
    /// <summary>Examines server, role and ledger, and changes nothing.</summary>
    Task<IReadOnlyList<Diagnosis>> ExamineAsync(CancellationToken cancel);
}

/// <summary>One finding.</summary>
/// <param name="Topic">Stable name, e.g. <c>version</c>, <c>privileges</c>, <c>long-transactions</c>.</param>
/// <param name="Message">What was found, why it matters, what to do.</param>
public sealed record Diagnosis(string Topic, Health Health, string Message);

/// <summary>How good a finding is.</summary>
public enum Health
{
    /// <summary>Nothing is in the way.</summary>
    Good,

    /// <summary>Works, with a limit the user should know.</summary>
    Limited,

    /// <summary>Would stop a change.</summary>
    Bad,
}

using Segue.Planning;

namespace Segue.Engines;

/// <summary>Questions that people ask outside a run.</summary>
public interface IInspection
{
    /// <summary>Examines server, role and ledger.</summary>
    IDoctor Doctor { get; }

    /// <summary>Measures statements.</summary>
    IStatementProbe Statements { get; }

    /// <summary>
    /// The plan as a script a DBA can read: every statement, with the transaction and the settings it runs in.
    /// </summary>
    string Script(Plan plan);
}

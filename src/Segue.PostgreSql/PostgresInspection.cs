using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Explaining;
using Segue.PostgreSql.Inspection;
using Segue.PostgreSql.Planning;

namespace Segue.PostgreSql;

internal sealed class PostgresInspection(Database database, IReadOnlyList<Database> standbys) : IInspection
{
    public IDoctor Doctor { get; } = new Doctor(database, standbys);

    public IStatementProbe Statements { get; } = new StatementProbe(database);

    public string Script(Plan plan) => PlanScript.Render(plan);
}
